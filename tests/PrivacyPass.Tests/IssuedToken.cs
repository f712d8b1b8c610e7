namespace PrivacyPass.Tests;

/// <summary>Tokens for tests, made the whole way.</summary>
internal static class IssuedToken
{
    internal static byte[] From(ITokenIssuer issuer)
    {
        using var client = TokenCryptography.CreateClient(issuer.Type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest("challenge"u8);
        return pending.Finalize(issuer.Issue(pending.Request.Span));
    }

    internal static bool Accepts(ITokenVerifier verifier, ReadOnlySpan<byte> token) =>
        TokenView.TryRead(token, out var view) && verifier.Verify(view.WithExtensions(TokenExtensions.Empty.Encoded.Span));
}
