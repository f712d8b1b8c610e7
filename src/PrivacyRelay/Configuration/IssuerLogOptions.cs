using TransparencyLog.Proofs;

namespace PrivacyRelay.Configuration;

/// <summary>An issuer whose keys are used only if they are audited.</summary>
/// <param name="Issuer">Its URL, as it was given.</param>
/// <param name="Trust">Its log's key, and the auditors.</param>
/// <param name="Url">Where its log is; null for beside its directory.</param>
internal sealed record IssuerLogOptions(Uri Issuer, LogTrust Trust, Uri? Url);
