namespace PrivacyProxy.Tunnels;

/// <summary>Shutting down without cutting tunnels: section <c>PrivacyProxy:Drain</c>.</summary>
internal sealed class DrainOptions
{
    public const string SectionName = "PrivacyProxy:Drain";

    /// <summary>How long open tunnels may live on after the proxy was told to stop; what remains is reset.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
