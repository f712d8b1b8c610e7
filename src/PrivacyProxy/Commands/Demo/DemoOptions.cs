namespace PrivacyProxy.Commands.Demo;

/// <summary>What the demo walks through.</summary>
/// <param name="Url">Where the request goes; null for the demo's own origin.</param>
/// <param name="Once">Ends after the walk.</param>
/// <param name="Break">A part to stop before the walk, to see it fail; for tests.</param>
internal sealed record DemoOptions(Uri? Url, bool Once, DemoPart Break);
