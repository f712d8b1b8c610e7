using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Egress.Pools;

/// <summary>Local addresses to dial from.</summary>
internal sealed class SourcePool
{
    /// <summary>The system chooses the source address.</summary>
    public static readonly SourcePool System = new([]);

    private readonly IPAddress[] _addresses4;
    private readonly IPAddress[] _addresses6;

    public SourcePool(IEnumerable<IPAddress> addresses)
    {
        var byFamily = addresses.ToLookup(address => address.AddressFamily);
        _addresses4 = [.. byFamily[AddressFamily.InterNetwork]];
        _addresses6 = [.. byFamily[AddressFamily.InterNetworkV6]];
    }

    private bool IsSystem => _addresses4.Length == 0 && _addresses6.Length == 0;

    /// <summary>A pool without address of a family does not dial it: the system's choice would show another place.</summary>
    public bool Serves(AddressFamily family) => IsSystem || Of(family).Length > 0;

    /// <summary>One of the addresses at random; null lets the system choose.</summary>
    public IPAddress? Pick(AddressFamily family)
    {
        var addresses = Of(family);
        return addresses.Length switch
        {
            0 => null,
            1 => addresses[0],
            _ => addresses[Random.Shared.Next(addresses.Length)],
        };
    }

    private IPAddress[] Of(AddressFamily family) => family == AddressFamily.InterNetwork ? _addresses4 : _addresses6;
}
