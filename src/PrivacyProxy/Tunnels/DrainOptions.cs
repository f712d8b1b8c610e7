using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Tunnels;

/// <summary>Shutting down without cutting tunnels: section <c>PrivacyProxy:Drain</c>.</summary>
internal sealed class DrainOptions
{
    /// <summary>How long open tunnels may live on after the proxy was told to stop; what remains is reset.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
