using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Policy;

/// <summary>Says which addresses and ports may be dialled. Asked after resolution, about the very address that is dialled.</summary>
internal sealed class EgressPolicy
{
    private readonly bool _allowPrivate;
    private readonly PortSet _ports;
    private readonly AddressPrefix[] _deny;
    private readonly AddressPrefix[] _allow;
    private readonly OwnAddresses _own;

    public EgressPolicy(IOptions<EgressOptions> options, OwnAddresses own)
    {
        var value = options.Value;
        _allowPrivate = value.AllowPrivate;
        _ports = PortSet.TryParse(value.AllowedPorts, out var ports)
            ? ports
            : throw new ArgumentException($"'{value.AllowedPorts}' is not a list of ports.", nameof(options));
        _deny = [.. value.Deny.Select(AddressPrefix.Parse)];
        _allow = [.. value.Allow.Select(AddressPrefix.Parse)];
        _own = own;
    }

    public bool PermitsPort(int port) => _ports.Contains(port);

    public bool Permits(IPAddress address) => Permits(AddressBits.From(address), _allowPrivate);

    private bool Permits(UInt128 address, bool allowPrivate)
    {
        var kind = SpecialAddresses.KindOf(address);
        if (kind is AddressKind.Multicast or AddressKind.Unspecified or AddressKind.Broadcast) return false;
        if (Matches(_deny, address)) return false;
        if (Matches(_allow, address)) return true;
        if (_own.Contains(address)) return allowPrivate;
        return kind switch
        {
            AddressKind.Public => PermitsEmbedded(address),
            AddressKind.Loopback or AddressKind.Private or AddressKind.Shared or AddressKind.UniqueLocal => allowPrivate,
            _ => false,
        };
    }

    /// <summary>AllowPrivate stops here: nobody needs a private address behind a translator.</summary>
    private bool PermitsEmbedded(UInt128 address) =>
        !EmbeddedIPv4.TryUnwrap(address, out var first, out var second)
        || (Permits(first, allowPrivate: false) && Permits(second, allowPrivate: false));

    private static bool Matches(AddressPrefix[] prefixes, UInt128 address)
    {
        foreach (var prefix in prefixes)
        {
            if (prefix.Contains(address)) return true;
        }

        return false;
    }
}
