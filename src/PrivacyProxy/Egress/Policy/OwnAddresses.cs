using System.Collections.Frozen;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Policy;

/// <summary>The addresses of the machine's interfaces and their directed broadcasts, read again every few seconds.</summary>
internal sealed class OwnAddresses : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);
    private readonly Refreshed<FrozenSet<UInt128>> _addresses;

    public OwnAddresses(TimeProvider time)
        : this(time, ReadInterfaces)
    {
    }

    public OwnAddresses(TimeProvider time, Func<IEnumerable<IPAddress>> read) =>
        _addresses = new Refreshed<FrozenSet<UInt128>>(time, _interval, _ => read().Select(AddressBits.From).ToFrozenSet(), FrozenSet<UInt128>.Empty);

    public bool Contains(UInt128 address) => _addresses.Value.Contains(address);

    public void Dispose() => _addresses.Dispose();

    private static IEnumerable<IPAddress> ReadInterfaces()
    {
        foreach (var networkInterface in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (var unicast in networkInterface.GetIPProperties().UnicastAddresses)
            {
                yield return unicast.Address;
                if (unicast.Address.AddressFamily == AddressFamily.InterNetwork && unicast.PrefixLength < 31)
                    yield return DirectedBroadcast(unicast);
            }
        }
    }

    private static IPAddress DirectedBroadcast(UnicastIPAddressInformation unicast)
    {
        var bytes = unicast.Address.GetAddressBytes();
        var mask = unicast.IPv4Mask.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++) bytes[i] |= (byte)~mask[i];
        return new IPAddress(bytes);
    }
}
