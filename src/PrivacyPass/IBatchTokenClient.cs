namespace PrivacyPass;

/// <summary>A client that can ask for many tokens of one challenge and key at once (draft-ietf-privacypass-batched-tokens, section 5): types 1 and 5.</summary>
public interface IBatchTokenClient : ITokenClient
{
    /// <summary>Blinds as many fresh random nonces for a challenge.</summary>
    /// <param name="challenge">The TokenChallenge bytes exactly as received.</param>
    /// <param name="count">1 to <see cref="PendingTokenBatch.MostTokens"/>; an issuer may take fewer.</param>
    PendingTokenBatch CreateBatchRequest(ReadOnlySpan<byte> challenge, int count);
}
