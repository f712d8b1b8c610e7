namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>A key as its source lists it.</summary>
/// <param name="KeyId">The id of the key.</param>
/// <param name="NotBefore">From when it is used; null when the source does not say.</param>
/// <param name="NotAfter">Until when its tokens are taken; null when the source does not say.</param>
/// <param name="CreateVerifier">Makes its verifier; called once, when the key is seen for the first time.</param>
internal sealed record ListedKey(TokenKeyId KeyId, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, Func<ITokenVerifier> CreateVerifier);
