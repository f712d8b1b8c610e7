namespace PrivacyProxy.Testing.Listeners;

internal static class TestTimes
{
    /// <summary>Long enough for the slowest machine; reached only when a test fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
}
