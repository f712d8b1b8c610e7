using System.Text;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Socks4;

public sealed class Socks4Tests : RelayTests
{
    private const string Granted = "\0Z\0\0\0\0\0\0";
    private const string Rejected = "\0[\0\0\0\0\0\0";

    [Theory]
    [InlineData("")]
    [InlineData("some-user")]
    public async Task A_name_of_4a_is_resolved_by_the_proxy_and_the_tunnel_carries_bytes(string user)
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Request(1, Echo.Port, [0, 0, 0, 7], user + "\0origin.example\0"));
        Assert.Equal(Granted, Encoding.Latin1.GetString(await TestRelay.ReadAsync(client, 8)));
        await TestRelay.EchoAsync(client);
        Assert.All(Proxy.Requests, request => Assert.Equal($"origin.example:{Echo.Port}", request.Authority));
    }

    [Fact]
    public async Task An_address_of_4_is_taken_as_it_is()
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Request(1, Echo.Port, [127, 0, 0, 1], "\0"));
        Assert.Equal(Granted, Encoding.Latin1.GetString(await TestRelay.ReadAsync(client, 8)));
        await TestRelay.EchoAsync(client);
    }

    [Theory]
    [InlineData(2, 443, new byte[] { 127, 0, 0, 1 }, "\0")] // BIND
    [InlineData(1, 0, new byte[] { 127, 0, 0, 1 }, "\0")] // no port
    [InlineData(1, 443, new byte[] { 0, 0, 0, 0 }, "\0name.example\0")] // not the mark of 4a
    [InlineData(1, 443, new byte[] { 0, 0, 0, 1 }, "\0\0")] // no name
    [InlineData(1, 443, new byte[] { 0, 0, 0, 1 }, "\0a b\0")] // no name either
    public async Task A_bad_request_is_rejected_in_its_own_tongue(byte command, int port, byte[] address, string rest)
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Request(command, port, address, rest));
        Assert.Equal(Rejected, await TestRelay.ReadToEndAsync(client));
        Assert.Empty(Proxy.Requests);
    }

    [Fact]
    public async Task A_user_or_a_name_without_an_end_is_rejected()
    {
        foreach (var text in new[] { new string('u', 300), "\0" + new string('n', 300) })
        {
            await using var client = await Relay.ConnectAsync();
            await client.WriteAsync(Request(1, 443, [0, 0, 0, 1], text));
            Assert.Equal(Rejected, await TestRelay.ReadToEndAsync(client));
        }
    }

    private static byte[] Request(byte command, int port, byte[] address, string rest) =>
        [4, command, (byte)(port >> 8), (byte)port, .. address, .. Encoding.Latin1.GetBytes(rest)];
}
