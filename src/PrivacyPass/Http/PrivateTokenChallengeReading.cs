namespace PrivacyPass.Http;

/// <summary>What became of one challenge of a field.</summary>
/// <param name="Scheme">The scheme as sent; empty when the field began without one.</param>
/// <param name="Error">Why the challenge cannot be answered, or none.</param>
/// <param name="Challenge">The challenge; also there when its bytes could be read but its type is greased or not supported.</param>
public sealed record PrivateTokenChallengeReading(string Scheme, PrivateTokenChallengeError Error, PrivateTokenChallenge? Challenge);
