using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using PrivacyProxy.Egress;
using PrivacyProxy.Requests;
using PrivacyProxy.Tests.Egress.Resolution;

namespace PrivacyProxy.Tests.Egress;

/// <summary>The whole way, as registered, over real sockets on loopback.</summary>
public sealed class TcpEgressTests : IDisposable
{
    private readonly TcpListener _origin = new(IPAddress.Loopback, 0);

    public TcpEgressTests() => _origin.Start();

    private int Port => ((IPEndPoint)_origin.LocalEndpoint).Port;

    public void Dispose() => _origin.Dispose();

    [Fact]
    public async Task A_name_is_resolved_and_connected_past_addresses_that_refuse()
    {
        await using var server = new DnsTestServer(q => q.IsA
            ? DnsTestReply.To(q).Address(q.Name, "127.0.0.3").Address(q.Name, "127.0.0.1")
            : DnsTestReply.To(q));
        var connection = await ConnectAsync(new TunnelTarget("origin.example", null, Port), options => options.Resolver.Servers = [server.Address]);
        using var socket = Assert.IsType<Socket>(connection.Socket);
        Assert.True(socket.NoDelay);
        Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        using var accepted = await _origin.AcceptSocketAsync();
        await socket.SendAsync("x"u8.ToArray());
        Assert.Equal(1, await accepted.ReceiveAsync(new byte[10]));
    }

    [Fact]
    public async Task Localhost_and_literals_are_refused_unless_private_destinations_are_allowed()
    {
        foreach (var target in (TunnelTarget[])[new("localhost", null, Port), new("127.0.0.1", IPAddress.Loopback, Port), new("::ffff:127.0.0.1", IPAddress.Parse("::ffff:127.0.0.1"), Port)])
        {
            Assert.Equal(ProxyStatusError.DestinationIpProhibited, (await ConnectAsync(target, options => options.AllowPrivate = false)).Error);
            using var socket = Assert.IsType<Socket>((await ConnectAsync(target)).Socket);
        }
    }

    [Fact]
    public async Task A_port_nobody_listens_on_is_refused()
    {
        var target = new TunnelTarget("127.0.0.1", IPAddress.Loopback, Port);
        _origin.Stop();
        Assert.Equal(ProxyStatusError.ConnectionRefused, (await ConnectAsync(target)).Error);
    }

    [Fact]
    public async Task The_hint_chooses_the_source_address()
    {
        void Configure(EgressOptions options) => options.Pools = [new() { Geohash = "xn7", Addresses = ["127.0.0.2"] }, new() { Addresses = ["127.0.0.4"] }];
        var target = new TunnelTarget("127.0.0.1", IPAddress.Loopback, Port);
        foreach (var (hint, source) in ((string?, string)[])[("xn76c-JP", "127.0.0.2"), ("u33d-DE", "127.0.0.4"), (null, "127.0.0.4")])
        {
            using var socket = (await ConnectAsync(target, Configure, hint)).Socket;
            using var accepted = await _origin.AcceptSocketAsync();
            Assert.Equal(source, ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString());
        }
    }

    [Fact]
    public async Task A_source_address_this_machine_lacks_is_a_configuration_error()
    {
        var connection = await ConnectAsync(
            new TunnelTarget("127.0.0.1", IPAddress.Loopback, Port),
            options => options.Pools = [new() { Addresses = ["198.51.100.77"] }]);
        Assert.Equal(ProxyStatusError.ProxyConfigurationError, connection.Error);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_a_DNS_error()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Rcode(3));
        var connection = await ConnectAsync(new TunnelTarget("nowhere.example", null, Port), options => options.Resolver.Servers = [server.Address]);
        Assert.Equal(EgressConnection.Failed(ProxyStatusError.DnsError, "NXDOMAIN"), connection);
    }

    private static async Task<EgressConnection> ConnectAsync(TunnelTarget target, Action<EgressOptions>? configure = null, string? hint = null)
    {
        var services = new ServiceCollection().AddEgress();
        services.Configure<EgressOptions>(options =>
        {
            (options.AllowPrivate, options.AllowedPorts) = (true, "any");
            configure?.Invoke(options);
        });
        await using var provider = services.BuildServiceProvider();
        return await provider.GetRequiredService<IEgress>().ConnectAsync(new EgressRequest(target, hint), CancellationToken.None);
    }
}
