using PrivacyRelay.Configuration;

namespace PrivacyRelay.Wallet;

/// <summary>Makes the source of tokens for an issuer.</summary>
internal interface ITokenSourceFactory
{
    /// <summary>A source for the issuer of a hop, which has one: at its directory's URL, or a bare host whose directory is at the well-known path.</summary>
    ITokenSource Create(HopOptions hop);
}
