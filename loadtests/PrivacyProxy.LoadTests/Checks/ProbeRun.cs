namespace PrivacyProxy.LoadTests.Checks;

/// <summary>One line of the C probe's JSON, as far as it is compared.</summary>
/// <param name="P50us">Median round trip; of its mode rtt.</param>
/// <param name="P99us">99th percentile round trip; of its mode rtt.</param>
/// <param name="OpsS">Operations per second; of its mode pipe.</param>
/// <param name="ClientCpuUsPerOp">Its own CPU time; of its mode pipe.</param>
internal sealed record ProbeRun(double P50us, double P99us, double OpsS, double ClientCpuUsPerOp);
