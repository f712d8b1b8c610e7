using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners;

/// <summary>What becomes of requests that ask for no tunnel, but for a page of another server.</summary>
internal interface IPlainRequests
{
    /// <summary>The request; null when it is for the proxy itself.</summary>
    TunnelExchange? Read(HttpContext context);
}
