namespace PrivacyRelay.Upstream;

/// <summary>When there was no tunnel for a local program, and why; no destination is named.</summary>
internal sealed record TunnelRefusal(DateTimeOffset At, string Reason);
