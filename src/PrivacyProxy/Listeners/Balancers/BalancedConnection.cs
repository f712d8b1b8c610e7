using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace PrivacyProxy.Listeners.Balancers;

/// <summary>Connection middleware, before TLS: takes the PROXY header off, and gives the connection the address that it says.</summary>
internal static class BalancedConnection
{
    /// <param name="connection">Just accepted.</param>
    /// <param name="balancers">Who may connect.</param>
    /// <param name="patience">How long the header may take.</param>
    /// <param name="next">What serves it.</param>
    public static async Task ServeAsync(ConnectionContext connection, TrustedBalancers balancers, TimeSpan patience, ConnectionDelegate next)
    {
        if (!balancers.Contains((connection.RemoteEndPoint as IPEndPoint)?.Address))
        {
            balancers.Refused(TrustedBalancers.Reasons.Stranger);
            return;
        }

        if (await ReadAsync(connection, patience) is { } problem) balancers.Refused(problem);
        else await next(connection);
    }

    /// <summary>What is wrong; null when the header was taken.</summary>
    private static async ValueTask<string?> ReadAsync(ConnectionContext connection, TimeSpan patience)
    {
        var input = connection.Transport.Input;
        using var limit = new CancellationTokenSource(patience);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(limit.Token);
                var status = Read(read.Buffer, out var length, out var source);
                if (status == ProxyHeaderStatus.Complete)
                {
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    if (source is not null) connection.RemoteEndPoint = source;
                    return null;
                }

                if (status == ProxyHeaderStatus.Malformed) return TrustedBalancers.Reasons.Malformed;
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCompleted) return TrustedBalancers.Reasons.Incomplete;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return TrustedBalancers.Reasons.Incomplete;
        }
    }

    private static ProxyHeaderStatus Read(ReadOnlySequence<byte> bytes, out int length, out IPEndPoint? source)
    {
        Span<byte> start = stackalloc byte[ProxyHeader.MaxLength];
        start = start[..(int)Math.Min(bytes.Length, start.Length)];
        bytes.Slice(0, start.Length).CopyTo(start);
        return ProxyHeader.Read(start, out length, out source);
    }
}
