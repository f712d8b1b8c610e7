using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tunnels.Rates;

/// <summary>Limits how fast tunnels are opened, where an operator wants it. A change of the limits begins anew.</summary>
internal sealed class TunnelRates(IOptions<RateOptions> options)
{
    private readonly Derived<RateOptions, Tables> _tables = new(() => options.Value, static options => new Tables(options));

    /// <summary>Whether clients are looked at.</summary>
    public bool LimitSources => _tables.Value.Sources is not null;

    /// <summary>Asked before credentials are.</summary>
    public bool Admit(IPAddress? client)
    {
        var tables = _tables.Value;
        return tables.Sources is not { } sources || client is null || sources.TryTake(tables.NetworkOf(client).GetHashCode());
    }

    /// <summary>
    /// Asked before credentials are, so that who is refused has paid nothing; and given back where those are not accepted, so that only those who
    /// pay use a destination's share up.
    /// </summary>
    /// <param name="target">The destination.</param>
    /// <param name="share">What was taken, if anything, to be given back or kept.</param>
    public bool Admit(TunnelTarget target, out RateShare share)
    {
        share = default;
        if (_tables.Value.Destinations is not { } destinations) return true;
        var hash = HashCode.Combine(target.Host, target.Port);
        if (!destinations.TryTake(hash)) return false;
        share = new RateShare(destinations, hash);
        return true;
    }

    private sealed class Tables(RateOptions options)
    {
        // So that no two processes have the same places.
        private readonly int _salt = Random.Shared.Next();
        private readonly int _ipv4Bits = options.SourceIPv4Length + 96;

        public RateTable? Destinations { get; } = options.PerDestination > 0 ? new RateTable(options.PerDestination, options.DestinationBurst) : null;

        public RateTable? Sources { get; } = options.PerSource > 0 ? new RateTable(options.PerSource, options.SourceBurst) : null;

        public (int Salt, UInt128 Network) NetworkOf(IPAddress client)
        {
            var isIPv4 = client.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || client.IsIPv4MappedToIPv6;
            return (_salt, AddressBits.From(client) >> (128 - (isIPv4 ? _ipv4Bits : options.SourceIPv6Length)));
        }
    }
}
