using PrivacyPass;

namespace PrivacyRelay.Wallet;

/// <summary>The digest of a challenge and the id of the key it asks for.</summary>
internal readonly record struct ChallengeKey(string Digest, TokenKeyId? KeyId);
