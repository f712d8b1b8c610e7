using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Balancers;

/// <summary>The load balancers that may say for whom they connect. Where there are any, nobody else may connect.</summary>
internal sealed partial class TrustedBalancers
{
    private readonly AddressPrefix[] _prefixes;
    private readonly CounterFamily _refused;
    private readonly ILogger<TrustedBalancers> _logger;

    public TrustedBalancers(IOptions<ListenerOptions> options, ProxyMeter meter, ILogger<TrustedBalancers> logger)
    {
        _prefixes = [.. options.Value.Balancers.Select(AddressPrefix.Parse)];
        _refused = meter.Counter("privacy_proxy_balancer_connections_refused_total", "Connections closed for the PROXY header they did not bring.", "reason");
        _logger = logger;
    }

    /// <summary>Whether connections begin with a PROXY header.</summary>
    public bool AreExpected => _prefixes.Length > 0;

    public bool Contains(IPAddress? address)
    {
        if (address is null) return false;
        var bits = AddressBits.From(address);
        foreach (var prefix in _prefixes)
            if (prefix.Contains(bits)) return true;
        return false;
    }

    /// <summary>Counts a connection that is closed.</summary>
    /// <param name="reason">In a word, which names nobody.</param>
    public void Refused(string reason)
    {
        _refused.Increment(reason);
        LogRefused(reason);
    }

    /// <summary>Why connections are refused.</summary>
    public static class Reasons
    {
        public const string Stranger = "stranger";
        public const string Malformed = "malformed";
        public const string Incomplete = "incomplete";
    }

    [LoggerMessage(EventId = 2811, Level = LogLevel.Debug, Message = "A connection was closed for its PROXY header: {Reason}.")]
    private partial void LogRefused(string reason);
}
