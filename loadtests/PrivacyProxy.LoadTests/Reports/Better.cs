namespace PrivacyProxy.LoadTests.Reports;

/// <summary>Which way a figure should go.</summary>
internal enum Better
{
    /// <summary>It says what happened, not how well.</summary>
    Neither,

    Lower,

    Higher,
}
