namespace PrivacyRelay.Wallet;

/// <summary>Makes the source of tokens for an issuer.</summary>
internal interface ITokenSourceFactory
{
    /// <summary>A source for the issuer at a URL: its directory's, or a bare host whose directory is at the well-known path.</summary>
    /// <param name="issuer">Its URL.</param>
    /// <param name="keyFile">A file with the bearer key that it wants; null when it wants none.</param>
    ITokenSource Create(Uri issuer, string? keyFile);
}
