namespace PrivacyPass;

/// <summary>A client of a type whose tokens carry extensions (0xDA7A). Without any, they are bound to the empty list.</summary>
public interface IExtendedTokenClient : ITokenClient
{
    /// <summary>Blinds a fresh random nonce for a challenge; issuer and origin see the extensions.</summary>
    /// <param name="challenge">The TokenChallenge bytes exactly as received.</param>
    /// <param name="extensions">Sent with the request, and with the token.</param>
    PendingToken CreateRequest(ReadOnlySpan<byte> challenge, TokenExtensions extensions);
}
