using PrivacyProxy.LoadTests.Clients;

namespace PrivacyProxy.LoadTests.Driving;

/// <summary>Opens a tunnel, echoes a byte through it and closes it.</summary>
internal sealed class TunnelDriver(ITunnelClient client, string target, Ending ending)
{
    /// <summary>Where they lead.</summary>
    public string Target => target;

    /// <returns>When the request was sent and when the answer came, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</returns>
    /// <inheritdoc cref="ITunnelClient.OpenAsync"/>
    public async ValueTask<(long AskedAt, long AnsweredAt)> RunAsync(string? credential, CancellationToken cancellationToken)
    {
        await using var tunnel = await client.OpenAsync(target, credential, cancellationToken);
        await EchoAsync(tunnel, cancellationToken);
        if (ending == Ending.Fin)
        {
            await tunnel.CompleteAsync(cancellationToken);
            if (await tunnel.ReadAsync(new byte[1], cancellationToken) != 0) throw new IOException("More came back than was sent.");
        }

        return (tunnel.AskedAt, tunnel.AnsweredAt);
    }

    /// <exception cref="IOException">Another byte came back, or none.</exception>
    public static async ValueTask EchoAsync(ClientTunnel tunnel, CancellationToken cancellationToken)
    {
        var bytes = new byte[1] { (byte)'e' };
        await tunnel.WriteAsync(bytes, cancellationToken);
        bytes[0] = 0;
        if (await tunnel.ReadAsync(bytes, cancellationToken) != 1 || bytes[0] != (byte)'e') throw new IOException("What came back is not what was sent.");
    }
}
