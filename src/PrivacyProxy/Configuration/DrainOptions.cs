using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Configuration;

/// <summary>How the proxy ends.</summary>
internal sealed class DrainOptions
{
    /// <summary>How long open tunnels may go on after SIGTERM or SIGINT.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
