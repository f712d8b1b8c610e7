using System.Net.Sockets;
using System.Security.Authentication;
using PrivacyRelay.Streams;
using PrivacyRelay.Timing;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Upstream;

/// <summary>Opens a tunnel through one proxy or two, each paid with a credential of its own.</summary>
/// <remarks>A refused CONNECT ends its connection (RFC 9931, section 8), so each retry begins at the first proxy again.</remarks>
internal sealed class TunnelDialer(IReadOnlyList<Hop> hops, TimeSpan timeout, TimeProvider time) : ITunnelDialer
{
    /// <summary>One refusal of a credential may be a rotated key; a second one is an answer.</summary>
    private const int MaxRefusals = 2;

    public async ValueTask<DuplexStream> OpenAsync(Destination destination, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(timeout, time, cancellationToken);
        try
        {
            var budget = new RetryBudget(hops.Count, MaxRefusals);
            while (true)
            {
                if (await TryOpenAsync(destination, budget, deadline.Token) is { } tunnel) return tunnel;
            }
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
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy cannot be reached.", e);
        }
        catch (InvalidDataException e)
        {
            throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy's answer is too long.", e);
        }
    }

    /// <summary>Null when a proxy refused in a way that another try may mend.</summary>
    private async ValueTask<DuplexStream?> TryOpenAsync(Destination destination, RetryBudget budget, CancellationToken cancellationToken)
    {
        var socket = await hops[0].Peer.DialAsync(cancellationToken);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            for (var i = 0; i < hops.Count; i++)
            {
                var secured = await hops[i].Peer.SecureAsync(stream, socket, cancellationToken);
                stream = secured;
                var next = i + 1 < hops.Count ? hops[i + 1].Peer.Destination : destination;
                if (await PassAsync(i, secured, next, budget, cancellationToken)) continue;
                await stream.DisposeAsync();
                return null;
            }

            return (DuplexStream)stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>True when the proxy let us through, false when it is worth another try.</summary>
    private async ValueTask<bool> PassAsync(int index, DuplexStream stream, Destination next, RetryBudget budget, CancellationToken cancellationToken)
    {
        var hop = hops[index];
        using var authorization = await hop.Credentials.AuthorizeAsync(cancellationToken);
        var response = await hop.Peer.ConnectAsync(stream, next, authorization, cancellationToken);
        if (response.IsSuccess)
        {
            hop.Credentials.Accepted(authorization);
            return true;
        }

        if (response.Status is not 407 && response.ProxyAuthenticate.Count == 0)
        {
            // Whatever it refused, it was not the credentials.
            if (response.Status is not (401 or 403)) hop.Credentials.Accepted(authorization);
            throw response.ToException(NameOf(index));
        }

        if (!hop.Credentials.Refused(authorization, response)) throw response.ToException(NameOf(index));
        if (budget.Spend(index, learning: authorization.Field is null)) return false;
        hop.Credentials.GiveUp();
        throw response.ToException(NameOf(index));
    }

    private string NameOf(int index) => hops.Count == 1 ? "The proxy" : index == 0 ? "The first proxy" : "The second proxy";
}
