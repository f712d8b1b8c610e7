using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Forwarding;

/// <summary>Plain requests, <c>GET http://...</c>, which are forwarded instead of tunnelled: section <c>PrivacyProxy:Forwarding</c>.</summary>
internal sealed class ForwardingOptions
{
    /// <summary>False answers plain requests with 405; clients then have CONNECT for cleartext sites too.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a connection to an origin waits for the next request, of any client; zero makes one for each request.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);
}
