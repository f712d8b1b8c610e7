using System.Net;
using System.Net.NetworkInformation;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Egress.Policy;

public sealed class OwnAddressesTests
{
    [Fact]
    public void Every_address_of_every_interface_is_own()
    {
        using var own = new OwnAddresses(TimeProvider.System);
        var addresses = NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(u => u.Address).ToList();
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.True(own.Contains(AddressBits.From(address))));
        Assert.False(own.Contains(AddressBits.From(IPAddress.Parse("8.8.8.8"))));
    }
}
