namespace PrivacyProxy.LoadTests.Idle;

/// <summary>Memory of the proxy with so many idle tunnels.</summary>
internal sealed record IdleStep(int Tunnels, long ResidentBytes);
