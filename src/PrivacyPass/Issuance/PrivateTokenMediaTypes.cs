namespace PrivacyPass.Issuance;

/// <summary>The media types of issuance (RFC 9578, section 8.3; draft-ietf-privacypass-batched-tokens, section 9.2).</summary>
public static class PrivateTokenMediaTypes
{
    /// <summary>A TokenRequest.</summary>
    public const string TokenRequest = "application/private-token-request";

    /// <summary>A TokenResponse.</summary>
    public const string TokenResponse = "application/private-token-response";

    /// <summary>An issuer directory.</summary>
    public const string IssuerDirectory = "application/private-token-issuer-directory";

    /// <summary>An AmortizedBatchTokenRequest.</summary>
    public const string AmortizedBatchRequest = "application/private-token-amortized-batch-request";

    /// <summary>An AmortizedBatchTokenResponse.</summary>
    public const string AmortizedBatchResponse = "application/private-token-amortized-batch-response";

    /// <summary>A GenericBatchTokenRequest.</summary>
    public const string GenericBatchRequest = "application/private-token-generic-batch-request";

    /// <summary>A GenericBatchTokenResponse.</summary>
    public const string GenericBatchResponse = "application/private-token-generic-batch-response";
}
