using System.Net;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Policy;

/// <summary>To which of its addresses a target may be dialled, where destinations are listed; the policy for addresses holds beside it.</summary>
internal readonly struct AllowedAddresses
{
    private readonly DestinationRule[]? _rules; // null: all
    private readonly int _port;

    private AllowedAddresses(DestinationRule[] rules, int port) => (_rules, _port) = (rules, port);

    /// <summary>What the rules leave of a target; null for nothing. A name that is listed may have any address, another only one of a listed prefix.</summary>
    /// <param name="rules">Not empty.</param>
    /// <param name="target">What a client asked for.</param>
    public static AllowedAddresses? Of(DestinationRule[] rules, TunnelTarget target)
    {
        var hasPrefix = false;
        foreach (var rule in rules)
        {
            if (!rule.HasPort(target.Port)) continue;
            if (target.Address is null && rule.Contains(target.Host)) return default(AllowedAddresses);
            hasPrefix |= !rule.IsName;
        }

        // Without a prefix a name need not even be resolved.
        return hasPrefix ? new AllowedAddresses(rules, target.Port) : null;
    }

    public bool Contains(IPAddress address)
    {
        if (_rules is null) return true;
        var bits = AddressBits.From(address);
        foreach (var rule in _rules)
            if (rule.HasPort(_port) && rule.Contains(bits)) return true;
        return false;
    }
}
