using PrivacyRelay.Wallet;

namespace PrivacyRelay.Issuance;

/// <summary>A wallet's tokens from an issuer.</summary>
internal sealed class IssuerTokenSource(IssuerClient issuer) : ITokenSource
{
    public async Task<IReadOnlyList<byte[]>> RequestAsync(ProxyChallenge challenge, int count, CancellationToken cancellationToken)
    {
        try
        {
            return await issuer.RequestTokensAsync(challenge.Challenge, challenge.TokenKey, count, cancellationToken);
        }
        catch (IssuerException e) when (e.Tokens.Count > 0)
        {
            // Fewer than asked for still open tunnels.
            return e.Tokens;
        }
        catch (IssuerException e)
        {
            throw new TokensUnavailableException(e.Message, e);
        }
    }
}
