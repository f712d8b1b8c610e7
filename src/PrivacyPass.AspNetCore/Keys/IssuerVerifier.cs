namespace PrivacyPass.AspNetCore.Keys;

/// <summary>A verifier made from an issuer's key file, with the life of its key; for origins that hold the keys of type 1.</summary>
/// <param name="Verifier">Verifies tokens of the key.</param>
/// <param name="NotBefore">From when clients use the key.</param>
/// <param name="NotAfter">When its tokens, and what is remembered of spent ones, may be forgotten.</param>
public sealed record IssuerVerifier(ITokenVerifier Verifier, DateTimeOffset NotBefore, DateTimeOffset NotAfter) : IDisposable
{
    /// <summary>Frees the key.</summary>
    public void Dispose() => Verifier.Dispose();
}
