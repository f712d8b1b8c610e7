namespace PrivacyProxy.LoadTests.Reports;

/// <summary>One number that a scenario measured.</summary>
/// <param name="Name">The same in each run, so that runs can be compared.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Of the number; empty for a count.</param>
/// <param name="Better">Which way it should go.</param>
internal sealed record Figure(string Name, double Value, string Unit = "", Better Better = Better.Neither);
