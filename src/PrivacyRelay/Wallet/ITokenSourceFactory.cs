namespace PrivacyRelay.Wallet;

/// <summary>Makes the source of tokens for an issuer.</summary>
internal interface ITokenSourceFactory
{
    /// <summary>A source for the issuer at a URL: its directory's, or a bare host whose directory is at the well-known path.</summary>
    ITokenSource Create(Uri issuer);
}
