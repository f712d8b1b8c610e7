using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Listeners.Discovery;

/// <summary>What clients may find out by themselves: section <c>PrivacyProxy:Discovery</c>.</summary>
internal sealed class DiscoveryOptions
{
    /// <summary>Serves /.well-known/pvd where the proxy has a name.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long clients may go by what they were told.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(1);
}
