using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Policy;

/// <summary>Says which addresses and ports may be dialled. Asked after resolution, about the very address that is dialled.</summary>
internal sealed class EgressPolicy
{
    private readonly OwnAddresses _own;
    private readonly Derived<EgressOptions, Rules> _rules;

    /// <param name="options">The options in force, which may change.</param>
    /// <param name="own">This machine's addresses.</param>
    public EgressPolicy(IOptions<EgressOptions> options, OwnAddresses own)
    {
        _own = own;
        _rules = new(() => options.Value, static options => new Rules(options));
    }

    /// <summary>Whether the target may be asked for at all, and if so to which addresses of it; the policy for addresses comes on top.</summary>
    public bool Permits(TunnelTarget target, out AllowedAddresses addresses)
    {
        var rules = _rules.Value;
        addresses = default;
        if (!rules.Ports.Contains(target.Port)) return false;
        if (rules.Destinations.Length == 0) return true;
        var allowed = AllowedAddresses.Of(rules.Destinations, target);
        addresses = allowed.GetValueOrDefault();
        return allowed is not null;
    }

    public bool Permits(IPAddress address)
    {
        var rules = _rules.Value;
        return Permits(rules, AddressBits.From(address), rules.AllowPrivate);
    }

    private bool Permits(Rules rules, UInt128 address, bool allowPrivate)
    {
        var kind = SpecialAddresses.KindOf(address);
        if (kind is AddressKind.Multicast or AddressKind.Unspecified or AddressKind.Broadcast) return false;
        if (Matches(rules.Deny, address)) return false;
        if (Matches(rules.Allow, address)) return true;
        if (_own.Contains(address)) return allowPrivate;
        return kind switch
        {
            AddressKind.Public => PermitsEmbedded(rules, address),
            AddressKind.Loopback or AddressKind.Private or AddressKind.Shared or AddressKind.UniqueLocal => allowPrivate,
            _ => false,
        };
    }

    /// <summary>AllowPrivate stops here: nobody needs a private address behind a translator.</summary>
    private bool PermitsEmbedded(Rules rules, UInt128 address) =>
        !EmbeddedIPv4.TryUnwrap(address, out var first, out var second)
        || (Permits(rules, first, allowPrivate: false) && Permits(rules, second, allowPrivate: false));

    private static bool Matches(AddressPrefix[] prefixes, UInt128 address)
    {
        foreach (var prefix in prefixes)
        {
            if (prefix.Contains(address)) return true;
        }

        return false;
    }

    /// <summary>The options, parsed.</summary>
    private sealed class Rules(EgressOptions options)
    {
        public bool AllowPrivate { get; } = options.AllowPrivate;

        public PortSet Ports { get; } = PortSet.TryParse(options.AllowedPorts, out var ports)
            ? ports
            : throw new ArgumentException($"'{options.AllowedPorts}' is not a list of ports.", nameof(options));

        public DestinationRule[] Destinations { get; } = [.. options.AllowedDestinations.Select(static text => DestinationRule.TryParse(text, out var rule) ? rule : throw new FormatException($"'{text}' is no destination."))];

        public AddressPrefix[] Deny { get; } = [.. options.Deny.Select(AddressPrefix.Parse)];

        public AddressPrefix[] Allow { get; } = [.. options.Allow.Select(AddressPrefix.Parse)];
    }
}
