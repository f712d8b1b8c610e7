using System.Net;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>UDP of programs that know SOCKS5 alone: through the relay, connect-udp and the proxy, paid with tokens.</summary>
[Collection(NeighborsCollection.Name)]
public sealed class RelayUdpTests(ProductFixture product)
{
    [Fact]
    public async Task Names_are_resolved_by_a_name_server_behind_the_proxy()
    {
        await using var dns = new DnsServer();
        await using var relay = await StartRelayAsync();
        using var client = await AssociateAsync(relay);
        var server = Socks5UdpClient.Address(IPEndPoint.Parse(dns.Address));
        for (byte i = 1; i <= 3; i++)
        {
            await client.SendAsync(server, Question(id: i, $"a-192-0-2-{i}"));
            var answer = await client.ReceiveAsync(from: server);
            Assert.Equal(i, answer[1]);
            Assert.Equal([192, 0, 2, i], answer[^4..]);
        }

        client.End();
        await client.ControlEndedAsync();
        ProductAssert.LogIsClean(product.Proxy, dns.Address);
        Assert.DoesNotContain(dns.Address, relay.Log, StringComparison.Ordinal);
        Assert.Equal(0, await relay.TerminateAsync());
    }

    [Fact]
    public async Task Destinations_by_name_by_address_and_over_two_hops_answer_as_the_program_named_them()
    {
        await using var second = await product.StartTwinAsync();
        using var directory = new TemporaryDirectory();
        var authorities = directory.File("both.pem");
        await File.WriteAllTextAsync(authorities, await File.ReadAllTextAsync(product.Proxy.CaFile) + await File.ReadAllTextAsync(second.CaFile));
        await using var relay = await RelayProcess.StartAsync(
            "--proxy", product.Proxy.Tls.ToString(), "--proxy", second.Tls.ToString(), "--proxy-ca", authorities, "--issuer", product.Issuer.Url.ToString());
        using var echo = new UdpEcho();
        using var client = await AssociateAsync(relay);
        foreach (var address in new[] { Socks5UdpClient.Address("localhost", echo.Port), Socks5UdpClient.Address(new IPEndPoint(IPAddress.Loopback, echo.Port)) })
        {
            // What QUIC sends at first, and nothing at all.
            foreach (var length in new[] { 1200, 0, 1 })
            {
                var payload = new byte[length];
                Random.Shared.NextBytes(payload);
                await client.SendAsync(address, payload);
                Assert.Equal(payload, await client.ReceiveAsync(from: address));
            }
        }
    }

    [Fact]
    public async Task A_name_with_two_addresses_of_which_one_is_served_answers()
    {
        await using var relay = await StartRelayAsync();
        using var echo = new UdpEcho(IPAddress.Loopback);
        using var client = await AssociateAsync(relay);
        // The proxy prefers ::1, where nobody is.
        var address = Socks5UdpClient.Address("localhost", echo.Port);
        await client.SendAsync(address, [1, 2, 3]);
        Assert.Equal([1, 2, 3], await client.ReceiveAsync(from: address));
    }

    [SkippableFact]
    public async Task A_program_that_speaks_HTTP_3_fetches_ten_megabytes_byte_for_byte()
    {
        const long Length = 10_000_000;
        var python = SidProgram.Require("sidpy");
        await using var origin = await Http3Origin.StartAsync();
        await using var relay = await StartRelayAsync();
        var result = await ChildProcess.RunAsync(
            python,
            [Path.Combine(Product.RepositoryRoot!, "tests/tools/h3_over_socks5.py"), "--proxy", relay.Socks.Authority, "--cacert", origin.CaFile, new Uri(origin.Url, $"/bytes/{Length}").ToString()]);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal($"200 {Length} {Http3Origin.Hash(Length)}", result.Output.Trim());
    }

    [Fact]
    public async Task A_refused_destination_gets_nothing_and_the_others_are_served()
    {
        await using var relay = await StartRelayAsync();
        using var echo = new UdpEcho();
        using var client = await AssociateAsync(relay);
        // No proxy goes to a multicast address, whatever it allows.
        await client.SendAsync(Socks5UdpClient.Address(IPEndPoint.Parse("224.0.0.1:5353")), [1]);
        var address = Socks5UdpClient.Address(new IPEndPoint(IPAddress.Loopback, echo.Port));
        await client.SendAsync(address, [2]);
        Assert.Equal([2], await client.ReceiveAsync(from: address));
        Assert.DoesNotContain("224.0.0.1", relay.Log, StringComparison.Ordinal);
    }

    private static Task<Socks5UdpClient> AssociateAsync(RelayProcess relay) => Socks5UdpClient.AssociateAsync(IPEndPoint.Parse(relay.Socks.Authority));

    private Task<RelayProcess> StartRelayAsync() => RelayProcess.StartAsync(
        "--proxy", product.Proxy.Tls.ToString(), "--proxy-ca", product.Proxy.CaFile, "--issuer", product.Issuer.Url.ToString());

    /// <summary>Asks for the address of a name of one label.</summary>
    private static byte[] Question(byte id, string label) =>
        [0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, (byte)label.Length, .. System.Text.Encoding.ASCII.GetBytes(label), 0, 0, 1, 0, 1];
}
