using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Listener;

/// <summary>Programs with a name and a password, and without.</summary>
public sealed class LocalUserTests : RelayTests
{
    private const string Users = "browser:open:sesame";

    [Fact]
    public async Task With_users_SOCKS5_opens_a_tunnel_for_a_right_password_and_none_for_another()
    {
        await using var relay = StartGuarded();
        await using var good = await relay.ConnectAsync();
        await good.WriteAsync(new byte[] { 5, 2, 0, 2 });
        Assert.Equal([5, 2], await TestRelay.ReadAsync(good, 2));
        await good.WriteAsync(Password("browser", "open:sesame"));
        Assert.Equal([1, 0], await TestRelay.ReadAsync(good, 2));
        await good.WriteAsync(TestRelay.SocksRequest(1, "origin.example", Echo.Port));
        Assert.Equal(0, (await TestRelay.ReadAsync(good, 10))[1]);
        await TestRelay.EchoAsync(good);

        foreach (var (name, password) in new[] { ("browser", "wrong"), ("browser:open", "sesame"), ("", ""), ("browser", ""), ("Browser", "open:sesame") })
        {
            await using var bad = await relay.ConnectAsync();
            await bad.WriteAsync(new byte[] { 5, 1, 2 });
            Assert.Equal([5, 2], await TestRelay.ReadAsync(bad, 2));
            await bad.WriteAsync(Password(name, password));
            Assert.Equal("\x01\x01", await TestRelay.ReadToEndAsync(bad));
        }
    }

    [Fact]
    public async Task With_users_who_offers_no_password_gets_nothing_in_any_protocol()
    {
        await using var relay = StartGuarded();
        Assert.Equal("\x05\xFF", await AnswerAsync(relay, [5, 1, 0]));
        Assert.Equal("\0[\0\0\0\0\0\0", await AnswerAsync(relay, [4, 1, 1, 187, 127, 0, 0, 1, 0]));
        foreach (var field in new[] { "", "Proxy-Authorization: Basic " + Base64("browser:wrong") + "\r\n", "Proxy-Authorization: Basic !\r\n", "Proxy-Authorization: Bearer x\r\n" })
        {
            var answer = await AnswerAsync(relay, Encoding.Latin1.GetBytes($"CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example:443\r\n{field}\r\n"));
            Assert.StartsWith("HTTP/1.1 407 ", answer, StringComparison.Ordinal);
            Assert.Contains("Proxy-Authenticate: Basic realm=\"privacy-relay\"", answer, StringComparison.Ordinal);
        }

        Assert.Empty(Proxy.Requests);
    }

    [Fact]
    public async Task With_users_HTTP_opens_a_tunnel_for_a_right_password()
    {
        await using var relay = StartGuarded();
        await using var client = await relay.ConnectAsync();
        await client.WriteAsync(Encoding.Latin1.GetBytes($"CONNECT origin.example:{Echo.Port} HTTP/1.1\r\nHost: origin.example:{Echo.Port}\r\nProxy-Authorization: Basic {Base64(Users)}\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200", Encoding.Latin1.GetString(await TestRelay.ReadAsync(client, "HTTP/1.1 200 Connection established\r\n\r\n".Length)), StringComparison.Ordinal);
        await TestRelay.EchoAsync(client);
    }

    [Fact]
    public async Task Without_users_a_password_that_is_offered_alone_is_taken()
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(new byte[] { 5, 1, 2 });
        Assert.Equal([5, 2], await TestRelay.ReadAsync(client, 2));
        await client.WriteAsync(Password("any", "any"));
        Assert.Equal([1, 0], await TestRelay.ReadAsync(client, 2));
    }

    [Fact]
    public async Task Browsers_get_a_script_that_names_the_port()
    {
        await using var relay = StartGuarded();
        var answer = await AnswerAsync(relay, Encoding.Latin1.GetBytes("GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-ns-proxy-autoconfig\r\n", answer, StringComparison.Ordinal);
        Assert.Contains($"return \"SOCKS5 127.0.0.1:{relay.Port}; PROXY 127.0.0.1:{relay.Port}\";", answer, StringComparison.Ordinal);
    }

    private TestRelay StartGuarded() =>
        TestRelay.Start(Mint, TestRelay.Options(roots: null, new HopOptions(Proxy.Url, new Uri("https://issuer.example"), presharedKey: null)).With(static options => options.LocalUsers = [Users]));

    private static async Task<string> AnswerAsync(TestRelay relay, byte[] request)
    {
        await using var client = await relay.ConnectAsync();
        await client.WriteAsync(request);
        return await TestRelay.ReadToEndAsync(client);
    }

    private static byte[] Password(string name, string password) => [1, (byte)name.Length, .. Encoding.UTF8.GetBytes(name), (byte)password.Length, .. Encoding.UTF8.GetBytes(password)];

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
