namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>One run of one proxy at one kind of work.</summary>
/// <param name="Work">Its name.</param>
/// <param name="Rival">The proxy's name.</param>
/// <param name="Round">From 1 on.</param>
/// <param name="Cost">CPU seconds for 10,000 tunnels or a GB; KiB for an idle tunnel.</param>
/// <param name="Speed">Tunnels or GB a second; 0 of idle ones.</param>
/// <param name="P50">Milliseconds from the request to the answer, of tunnels.</param>
/// <param name="P99">The same.</param>
/// <param name="Failed">Tunnels that failed: figures of a run with any mean little.</param>
/// <param name="Failure">What the first one failed with.</param>
internal sealed record RivalRun(string Work, string Rival, int Round, double Cost, double Speed, double P50, double P99, int Failed, string? Failure);
