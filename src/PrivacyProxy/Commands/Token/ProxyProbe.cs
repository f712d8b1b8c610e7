using System.Net.Sockets;
using System.Security.Authentication;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyRelay.Upstream;
using PrivacyRelay.Upstream.Http1;

namespace PrivacyProxy.Commands.Token;

/// <summary>Asks a proxy which tokens it wants: a CONNECT without credentials, over HTTP/1.1, plain or TLS.</summary>
internal static class ProxyProbe
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    // RFC 6761: a name that can never exist, in case the proxy takes the request without credentials.
    private static readonly Destination _nowhere = Destination.Parse("challenge.invalid:443")!;

    /// <summary>The proxy's first challenge of the type (of any supported one when null), and the key it asks for.</summary>
    /// <exception cref="FormatException">The proxy cannot be reached, wants no token, or none of the type; says what.</exception>
    /// <exception cref="TunnelException">The proxy did not answer in HTTP/1.1.</exception>
    public static async Task<(TokenChallenge Challenge, ReadOnlyMemory<byte>? Key)> AskAsync(Uri proxy, TrustPolicy trust, TokenType? type, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_timeout);
        try
        {
            return Select(proxy, await ConnectAsync(proxy, trust, timeout.Token), type);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FormatException($"{proxy} did not answer within {_timeout.TotalSeconds} seconds.", e);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or InvalidDataException)
        {
            throw new FormatException($"{proxy} cannot be asked for its challenge: {e.Message}", e);
        }
    }

    private static async Task<ConnectResponse> ConnectAsync(Uri proxy, TrustPolicy trust, CancellationToken cancellationToken)
    {
        var peer = new ProxyPeer(proxy, trust, geohash: null);
        await using var stream = await peer.SecureAsync(await peer.DialAsync(cancellationToken), cancellationToken);
        using var nothing = new HopAuthorization(field: null, challenge: null);
        return await Http1Exchange.ConnectAsync(stream, peer, _nowhere, nothing, cancellationToken);
    }

    private static (TokenChallenge Challenge, ReadOnlyMemory<byte>? Key) Select(Uri proxy, ConnectResponse response, TokenType? type)
    {
        if (response.Status != 407) throw new FormatException($"{proxy} answered {response.Status}, not 407 with a challenge.");
        foreach (var offered in PrivateTokenChallenge.ReadAll(response.Challenges))
        {
            if (TokenChallenge.TryRead(offered.Challenge.Span, out var challenge) != TokenChallengeError.None || (type ?? challenge!.Type) != challenge!.Type) continue;
            // Experimental types are asked for by name.
            if (type is null && TokenSizes.IsExperimental(challenge.Type)) continue;
            return challenge.AllowsOrigin(proxy.Authority)
                ? (challenge, offered.TokenKey)
                : throw new FormatException($"The challenge of {proxy} is for '{challenge.OriginInfo}': a token for another server is not requested (RFC 9577, section 2.1.3). Use --challenge to insist.");
        }

        throw new FormatException($"{proxy} has no PrivateToken challenge {(type is { } wanted ? $"of type {(ushort)wanted}" : "of a supported type")}.");
    }
}
