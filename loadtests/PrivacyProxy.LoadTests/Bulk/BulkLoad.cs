using System.Diagnostics;
using System.Net.Sockets;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Bulk;

/// <summary>Bytes through some tunnels at a time: all are opened, then all move.</summary>
/// <param name="client">Opens them.</param>
/// <param name="target">Where they lead: a <see cref="LoadOrigin"/>.</param>
/// <param name="credentials">What they are paid with.</param>
/// <param name="processes">Of the proxy; null where its CPU time is not known.</param>
/// <param name="first">The number of the first tunnel.</param>
internal sealed class BulkLoad(ITunnelClient client, string target, CredentialSupply credentials, ProcessTree? processes, int first = 0)
{
    private const int BufferSize = 256 * 1024;

    private int _next = first;
    private int _failed;
    private string? _failure;

    public async Task<BulkRound> RunAsync(bool down, int tunnels, long bytes, CancellationToken cancellationToken)
    {
        (_failed, _failure) = (0, null);
        var open = (await Task.WhenAll(Enumerable.Range(0, tunnels).Select(_ => Task.Run(() => OpenAsync(cancellationToken), CancellationToken.None)))).OfType<ClientTunnel>().ToList();
        GC.Collect();
        var (processor, compiler, startedAt) = (processes?.ProcessorTime, processes?.CompilerTime, Stopwatch.GetTimestamp());
        var moved = await Task.WhenAll(open.Select(tunnel => Task.Run(() => MoveAsync(tunnel, down, bytes, cancellationToken), CancellationToken.None)));
        cancellationToken.ThrowIfCancellationRequested();
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        var compiling = processes?.CompilerTime - compiler is { } time && time > TimeSpan.Zero ? time : TimeSpan.Zero;
        var used = processes?.ProcessorTime - processor - compiling;
        foreach (var tunnel in open) await tunnel.DisposeAsync();
        return new BulkRound(down, moved.Sum(), _failed, _failure, elapsed.TotalSeconds, used?.TotalSeconds);
    }

    private async Task<ClientTunnel?> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (credentials.TryFind(Interlocked.Increment(ref _next) - 1, out var credential)) return await client.OpenAsync(target, credential, cancellationToken);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            Fail(e);
        }

        return null;
    }

    /// <summary>How many bytes passed.</summary>
    private async Task<long> MoveAsync(ClientTunnel tunnel, bool down, long bytes, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
        long moved = 0;
        try
        {
            await tunnel.WriteAsync(LoadOrigin.Order(down ? LoadOrigin.Send : LoadOrigin.Swallow, bytes), cancellationToken);
            while (moved < bytes)
            {
                var part = (int)Math.Min(BufferSize, bytes - moved);
                if (!down) await tunnel.WriteAsync(buffer.AsMemory(0, part), cancellationToken);
                else if (await tunnel.ReadAsync(buffer, cancellationToken) is var count and > 0) part = count;
                else throw new IOException("The tunnel ended before all bytes had come.");
                moved += part;
            }

            // Sent is not there: the destination says when it has read all.
            if (!down && await tunnel.ReadAsync(buffer, cancellationToken) == 0) throw new IOException("The tunnel ended before all bytes were there.");
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            Fail(e);
        }

        return moved;
    }

    private static bool IsFailure(Exception e, CancellationToken cancellationToken) => e is IOException or SocketException || (e is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private void Fail(Exception e)
    {
        if (Interlocked.Increment(ref _failed) == 1) _failure = e.Message;
    }
}
