namespace PrivacyPass;

/// <summary>An issuer that answers many requests for one key at once, with one proof for all (draft-ietf-privacypass-batched-tokens, section 5): types 1 and 5.</summary>
public interface IBatchTokenIssuer : ITokenIssuer
{
    /// <summary>Evaluates an AmortizedBatchTokenRequest into an AmortizedBatchTokenResponse. How many tokens a request may be for is the caller's to say.</summary>
    /// <exception cref="TokenIssuanceException">The request is malformed, empty, of another type or for another key, or one of its elements is none (HTTP 422).</exception>
    byte[] IssueBatch(ReadOnlySpan<byte> batchRequest);
}
