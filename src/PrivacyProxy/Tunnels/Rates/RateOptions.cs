using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Tunnels.Rates;

/// <summary>How fast tunnels may be opened to one destination, and from one network: section <c>PrivacyProxy:Rates</c>.</summary>
internal sealed class RateOptions
{
    private const int Most = 1_000_000;

    /// <summary>New tunnels a second to one destination, host and port; 0 for no limit.</summary>
    [Range(0, Most)]
    public int PerDestination { get; set; }

    /// <summary>How many of them at once after a pause; 0 for as many as in a second.</summary>
    [Range(0, Most)]
    public int DestinationBurst { get; set; }

    /// <summary>Requests for tunnels a second from one network of clients, whatever they pay; 0 for no limit.</summary>
    [Range(0, Most)]
    public int PerSource { get; set; }

    /// <summary>How many of them at once after a pause; 0 for as many as in a second.</summary>
    [Range(0, Most)]
    public int SourceBurst { get; set; }

    /// <summary>How many bits of an IPv4 address are the network.</summary>
    [Range(8, 32)]
    public int SourceIPv4Length { get; set; } = 24;

    /// <summary>How many bits of an IPv6 address are the network.</summary>
    [Range(16, 128)]
    public int SourceIPv6Length { get; set; } = 56;
}
