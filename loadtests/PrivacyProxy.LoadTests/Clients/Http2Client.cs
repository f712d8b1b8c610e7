using System.Diagnostics;
using System.Net.Security;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>HTTP/2 CONNECT on a few connections, over TLS or in cleartext with prior knowledge.</summary>
/// <param name="proxy">Where.</param>
/// <param name="connections">How many are open.</param>
/// <param name="tunnelsPerConnection">After so many tunnels a connection is replaced: servers bound how many are reset on one. 1: a connection for each.</param>
internal sealed class Http2Client(ProxyAddress proxy, int connections, int tunnelsPerConnection) : ITunnelClient
{
    private readonly Lock _lock = new();
    private readonly Slot[] _slots = [.. Enumerable.Range(0, connections).Select(static _ => new Slot())];
    private int _next;

    public async ValueTask<ClientTunnel> OpenAsync(string target, string? credential, CancellationToken cancellationToken)
    {
        var connection = await Take();
        Http2Tunnel? tunnel = null;
        try
        {
            var askedAt = Stopwatch.GetTimestamp();
            tunnel = await connection.AskAsync(target, credential);
            var status = await tunnel.Answer.WaitAsync(cancellationToken);
            var answeredAt = Stopwatch.GetTimestamp();
            return status == 200 ? new OpenTunnel(connection, tunnel, askedAt, answeredAt) : throw new IOException($"The proxy answered {status}.");
        }
        catch
        {
            if (tunnel is null) await connection.FinishAsync();
            else await connection.ReleaseAsync(tunnel);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var slot in _slots) await RetireAsync(slot.Connection, slot.Taken);
    }

    private Task<Http2Connection> Take()
    {
        lock (_lock)
        {
            var slot = _slots[_next++ % _slots.Length];
            if (slot.Connection is not { } open || slot.Taken >= tunnelsPerConnection || open.IsFaulted || open.IsCanceled || (open.IsCompletedSuccessfully && open.Result.IsOver))
            {
                _ = RetireAsync(slot.Connection, slot.Taken);
                (slot.Connection, slot.Taken) = (ConnectAsync(), 0);
            }

            slot.Taken++;
            return slot.Connection;
        }
    }

    private async Task<Http2Connection> ConnectAsync()
    {
        var (_, stream) = await ClientTls.ConnectAsync(proxy, SslApplicationProtocol.Http2, CancellationToken.None);
        var connection = new Http2Connection(stream);
        await connection.StartAsync();
        return connection;
    }

    private static async Task RetireAsync(Task<Http2Connection>? connection, int taken)
    {
        if (connection is null) return;
        try
        {
            await (await connection).RetireAsync(taken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // It never was; whoever wanted it knows.
        }
    }

    private sealed class Slot
    {
        public Task<Http2Connection>? Connection { get; set; }

        public int Taken { get; set; }
    }

    private sealed class OpenTunnel(Http2Connection connection, Http2Tunnel tunnel, long askedAt, long answeredAt) : ClientTunnel(askedAt, answeredAt)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => tunnel.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => connection.WriteAsync(tunnel, bytes, cancellationToken);

        public override ValueTask CompleteAsync(CancellationToken cancellationToken) => connection.CompleteAsync(tunnel);

        public override ValueTask DisposeAsync() => connection.ReleaseAsync(tunnel);
    }
}
