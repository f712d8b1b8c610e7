namespace PrivacyPass;

/// <summary>Makes token requests for one issuer key (RFC 9578, sections 5.1 and 6.1). Safe for concurrent use.</summary>
public interface ITokenClient : IDisposable
{
    /// <summary>The type of the tokens.</summary>
    TokenType Type { get; }

    /// <summary>The id of the issuer key.</summary>
    TokenKeyId KeyId { get; }

    /// <summary>Blinds a fresh random nonce for a challenge.</summary>
    /// <param name="challenge">The TokenChallenge bytes exactly as received; their digest goes into the token.</param>
    PendingToken CreateRequest(ReadOnlySpan<byte> challenge);
}
