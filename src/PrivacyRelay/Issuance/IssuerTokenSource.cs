using PrivacyPass;
using PrivacyRelay.Configuration;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Issuance;

/// <summary>A wallet's tokens from an issuer.</summary>
internal sealed class IssuerTokenSource(IssuerClient issuer, string? keyFile = null, TokenMetadata? metadata = null) : ITokenSource
{
    public async Task<IReadOnlyList<HeldToken>> RequestAsync(ProxyChallenge challenge, int count, CancellationToken cancellationToken)
    {
        // Not left to conversions: of no array, or of null beside an array, they make an empty key instead of none.
        ReadOnlyMemory<byte>? key = null;
        if (challenge.TokenKey is { } asked) key = asked;
        var extensions = TokenSizes.HasExtensions(challenge.Challenge.Type) ? metadata?.At(DateTimeOffset.UtcNow) : null;
        try
        {
            var bearerKey = keyFile is null ? null : BearerKeyFile.Read(keyFile);
            return Held(await issuer.RequestTokensAsync(challenge.Challenge, key, count, cancellationToken, bearerKey, extensions));
        }
        catch (IssuerException e) when (e.Tokens.Count > 0)
        {
            // Fewer than asked for still open tunnels.
            return Held(e.Tokens);
        }
        catch (IssuanceCanceledException e)
        {
            // Out of time, or the relay stops: what the issuer gave and counted is not thrown away.
            return Held(e.Tokens);
        }
        catch (IssuerException e)
        {
            throw new TokensUnavailableException(e.Message, e);
        }
        catch (InvalidDataException e)
        {
            throw new TokensUnavailableException($"The bearer key in {keyFile} cannot be used: {e.Message}.", e);
        }
    
        List<HeldToken> Held(IReadOnlyList<byte[]> tokens) => [.. tokens.Select(token => new HeldToken(token, extensions))];
    }
}
