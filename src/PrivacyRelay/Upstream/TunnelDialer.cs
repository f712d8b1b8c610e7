using System.Net.Sockets;
using System.Security.Authentication;
using PrivacyRelay.Streams;
using PrivacyRelay.Timing;
using PrivacyRelay.Upstream.Udp;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Upstream;

/// <summary>Opens tunnels through the last proxy, which reaches itself through those before it; in a bounded time, with failures a local program can be told.</summary>
internal sealed class TunnelDialer(Hop last, TimeSpan timeout, TimeProvider time, TunnelTally tally) : ITunnelDialer, IDatagramDialer
{
    public ValueTask<DuplexStream> OpenAsync(Destination destination, CancellationToken cancellationToken) =>
        OpenAsync(TunnelKind.Tcp, destination, cancellationToken);

    public async ValueTask<IDatagramTunnel> OpenUdpAsync(Destination destination, CancellationToken cancellationToken)
    {
        var tunnel = await OpenAsync(TunnelKind.Udp, destination, cancellationToken);
        return new CapsuleTunnel(tunnel, tunnel.Datagrams);
    }

    private async ValueTask<DuplexStream> OpenAsync(TunnelKind kind, Destination destination, CancellationToken cancellationToken)
    {
        try
        {
            var tunnel = await DialAsync(kind, destination, cancellationToken);
            tally.Count(tunnel);
            return tunnel;
        }
        catch (TunnelException e)
        {
            tally.Note(e);
            throw;
        }
    }

    private async ValueTask<DuplexStream> DialAsync(TunnelKind kind, Destination destination, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(timeout, time, cancellationToken);
        try
        {
            return await last.OpenAsync(kind, destination, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TunnelException(TunnelError.TimedOut, "The tunnel was not open in time.");
        }
        catch (AuthenticationException e)
        {
            throw new TunnelException(TunnelError.ProxyNotTrusted, "The proxy's certificate is not trusted (see --proxy-ca), or it does not speak TLS.", e);
        }
        catch (TokensUnavailableException e)
        {
            throw new TunnelException(TunnelError.NoTokens, e.Message, e);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy cannot be reached.", e);
        }
        catch (InvalidDataException e)
        {
            throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy's answer is too long.", e);
        }
    }
}
