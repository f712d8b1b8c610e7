namespace PrivacyProxy.LoadTests.Reports;

/// <summary>Along the bottom, and up.</summary>
internal readonly record struct ChartPoint(double X, double Y);
