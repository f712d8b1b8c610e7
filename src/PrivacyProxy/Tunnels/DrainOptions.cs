using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Tunnels;

/// <summary>Shutting down without cutting tunnels: section <c>PrivacyProxy:Drain</c>.</summary>
internal sealed class DrainOptions
{
    /// <summary>How long new tunnels are still taken after the proxy was told to stop, while <c>/readyz</c> says <c>draining</c> already: as long as load balancers take to hear of it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Delay { get; set; }

    /// <summary>How long open tunnels may live on after that; what remains is reset.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
