using System.Net;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Requests;
using PrivacyProxy.Tests.Egress.Dialing;
using PrivacyProxy.Tests.Egress.Resolution;

namespace PrivacyProxy.Tests.Egress;

public sealed class RebindingTests
{
    [Fact]
    public async Task A_name_that_turns_from_public_to_loopback_is_never_dialled_at_loopback()
    {
        var asked = 0;
        await using var server = new DnsTestServer(q => q.IsA
            ? DnsTestReply.To(q).Address(q.Name, Interlocked.Increment(ref asked) % 2 == 1 ? "93.184.215.14" : "127.0.0.1", ttl: 0)
            : DnsTestReply.To(q));
        using var resolver = EgressSetup.Resolver(new ManualTime(), options =>
        {
            options.Servers = [server.Address];
            options.MinimumTtl = TimeSpan.Zero;
        });
        var dialer = new TestDialer();
        dialer.Connects("93.184.215.14");
        var options = EgressSetup.Options();
        var egress = new TcpEgress(new TargetLookup(EgressSetup.Policy(), resolver, new(options), options), dialer, new LoopDialer(options), options);

        var errors = new List<ProxyStatusError>();
        for (var i = 0; i < 10; i++)
            errors.Add((await egress.ConnectAsync(new EgressRequest(new TunnelTarget("rebind.example", null, 443), null), CancellationToken.None)).Error);

        Assert.Equal(10, asked);
        Assert.Equal(Enumerable.Repeat(IPAddress.Parse("93.184.215.14"), 5), dialer.Dialled);
        Assert.Equal(5, errors.Count(error => error == ProxyStatusError.DestinationIpProhibited));
    }
}
