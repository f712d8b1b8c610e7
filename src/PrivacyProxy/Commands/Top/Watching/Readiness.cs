namespace PrivacyProxy.Commands.Top.Watching;

/// <summary>What /readyz says.</summary>
/// <param name="IsReady">Null when it cannot be asked.</param>
/// <param name="Missing">What is in the way, a line each.</param>
internal sealed record Readiness(bool? IsReady, IReadOnlyList<string> Missing);
