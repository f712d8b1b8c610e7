using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Hosting;

namespace Interop.Tests;

/// <summary>A token that Cloudflare's client made from the proxy's own challenge opens one tunnel.</summary>
public sealed class CloudflareTokenAtTheProxyTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly TcpListener _origin = new(IPAddress.Loopback, 0);

    public ValueTask DisposeAsync()
    {
        _origin.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }

    [SkippableTheory]
    [InlineData(TokenType.VoprfP384)]
    [InlineData(TokenType.BlindRsa2048)]
    public async Task Cloudflares_token_opens_a_tunnel_once_and_is_refused_with_407_the_second_time(TokenType type)
    {
        Skip.If(NodeScript.Absent is not null, NodeScript.Absent);
        _origin.Start();
        var target = _origin.LocalEndpoint.ToString()!;
        var (issuer, issuerUrls) = await IssuerHost.StartAsync(configFile: null, IssuerFlags(), CancellationToken.None);
        await using var runningIssuer = issuer;
        await using var proxy = ProxyHost.Build(configFile: null, _ => ProxyFlags(issuerUrls[0]));
        var proxyUrl = new Uri((await ProxyHost.StartAsync(proxy, CancellationToken.None))[0]);

        var credentials = PrivateTokenCredentials.Write(await RequestTokenAsync(await ChallengeAsync(proxyUrl, type), issuerUrls[0]));
        using var first = await ConnectClient.ConnectAsync(proxyUrl, target, credentials);
        using var second = await ConnectClient.ConnectAsync(proxyUrl, target, credentials);

        Assert.Equal(200, first.Status);
        await AssertReachesOriginAsync(first);
        Assert.Equal(407, second.Status);
    }

    private static async Task<string> ChallengeAsync(Uri proxy, TokenType type)
    {
        // The proxy fetches the issuer's keys in the background: until it has them it answers 503.
        for (var attempt = 0; ; attempt++)
        {
            using var refused = await ConnectClient.ConnectAsync(proxy, "challenge.invalid:443");
            // Grease now and then: a field in which there is no challenge that anybody knows.
            if (refused.Status == 407) return refused.Fields("Proxy-Authenticate").Single(field => PrivateTokenChallenge.ReadAll([field]) is [var challenge, ..] && challenge.TokenType == (ushort)type);
            Assert.Equal(503, refused.Status);
            Assert.True(attempt < 300, "The proxy never loaded the issuer's keys.");
            await Task.Delay(100);
        }
    }

    private static async Task<byte[]> RequestTokenAsync(string header, string issuer)
    {
        await using var client = NodeScript.Start("client.mjs");
        await client.WriteLineAsync(JsonSerializer.Serialize(new { headers = new[] { header }, issuer }));
        return PaddedBase64Url.Decode(await client.ReadLineAsync(), out _)!;
    }

    private async Task AssertReachesOriginAsync(ConnectClient client)
    {
        using var accepted = await _origin.AcceptTcpClientAsync();
        await client.Tunnel.WriteAsync("ping"u8.ToArray());
        var received = new byte[4];
        await accepted.GetStream().ReadExactlyAsync(received);
        Assert.Equal("ping"u8.ToArray(), received);
        await accepted.GetStream().WriteAsync("pong"u8.ToArray());
        await client.Tunnel.ReadExactlyAsync(received);
        Assert.Equal("pong"u8.ToArray(), received);
    }

    private IEnumerable<KeyValuePair<string, string?>> IssuerFlags() =>
    [
        new("PrivacyIssuer:Urls", "http://127.0.0.1:0"),
        new("PrivacyIssuer:Data", _data.Path),
    ];

    private IEnumerable<KeyValuePair<string, string?>> ProxyFlags(string issuer) =>
    [
        new("PrivacyProxy:Urls", "http://127.0.0.1:0"),
        new("PrivacyProxy:Management", "none"),
        new("PrivacyProxy:Issuers:0:Name", "issuer.example"),
        new("PrivacyProxy:Issuers:0:Directory", issuer + IssuerDirectory.WellKnownPath),
        new("PrivacyProxy:Issuers:0:KeyDirectory", _data.Path),
        new("PrivacyProxy:Egress:AllowPrivate", "true"),
        new("PrivacyProxy:Egress:AllowedPorts", "any"),
    ];
}
