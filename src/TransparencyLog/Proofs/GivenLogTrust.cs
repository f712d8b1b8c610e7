namespace TransparencyLog.Proofs;

/// <summary>The same, where it is put together from settings of another shape.</summary>
internal sealed class GivenLogTrust : LogTrustOptions;
