using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;
using PrivacyProxy.Testing.Keys;
using PrivacyRelay;
using PrivacyRelay.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Tokens of type 0xDA7A from their issuer through the relay and the proxy to the address that a tunnel leaves from.</summary>
public sealed class MetadataEgressTests
{
    private const int Metadata = (int)TokenType.PartiallyBlindRsa2048;
    private const string Alabama = "127.0.0.2";
    private const string Berlin = "127.0.0.3";

    [Fact]
    public async Task A_tunnel_leaves_from_the_place_that_the_issuer_has_signed_whatever_the_client_says_and_an_expired_token_opens_none()
    {
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(folder.File("geofeed.csv"), "127.0.0.0/8,US,US-AL,Alabaster,\n");
        var (issuer, url) = await StartIssuerAsync(folder);
        await using var running = issuer;
        await using var proxy = await StartProxyAsync(url);
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        using var origin = new TcpListener(IPAddress.Loopback, 0);
        origin.Start();

        // The relay says Berlin and has a token that says Alabama.
        using var sources = new IssuerTokenSources(new TrustPolicy([]), NullLogger<IssuerTokenSources>.Instance, metadata: new TokenMetadata(TimeSpan.FromHours(1), "US,US-AL,ALABASTER"));
        await using (var relay = StartRelay(proxy.Plain, url, sources, metadata: true)) Assert.Equal((200, Alabama), await OpenAsync(relay.EndPoint, origin));
        // Off by default: such a challenge is not answered.
        await using (var relay = StartRelay(proxy.Plain, url, sources, metadata: false)) Assert.Equal(502, (await OpenAsync(relay.EndPoint, origin)).Status);

        var soon = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3);
        var extensions = new TokenExtensions([TokenExtension.Expiration(soon, TimeSpan.FromSeconds(1))]);
        var (first, second) = await TokensAsync(proxy, url, extensions);
        Assert.Equal(200, await AnswerAsync(first));
        while (DateTimeOffset.UtcNow <= soon) await Task.Delay(TimeSpan.FromMilliseconds(100));
        Assert.Equal(407, await AnswerAsync(second));

        async Task<int> AnswerAsync(byte[] token) =>
            (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.LocalEndpoint.ToString()!, Credentials.Field(PrivateTokenCredentials.Write(token, extensions)))).Status;
    }

    private static async Task<(WebApplication Application, Uri Url)> StartIssuerAsync(TemporaryDirectory folder)
    {
        Directory.CreateDirectory(folder.File("issuer"));
        SafePrimeKey.AddTo(folder.File("issuer"), DateTimeOffset.UtcNow);
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Urls"] = "http://127.0.0.1:0", ["Name"] = IssuerProcess.Name, ["Data"] = folder.File("issuer"), ["TokenTypes"] = $"{Metadata}",
            ["Metadata:Geofeed"] = folder.File("geofeed.csv"), ["Metadata:LeastPrecision"] = "00:00:01",
        };
        var (application, urls) = await IssuerHost.StartAsync(configFile: null, settings.Select(static one => KeyValuePair.Create($"PrivacyIssuer:{one.Key}", one.Value)), CancellationToken.None);
        return (application, new Uri(urls[0]));
    }

    private static Task<ProxyProcess> StartProxyAsync(Uri issuer) => ProxyProcess.StartAsync(
        ["--allow-private", "--allow-ports", "any", "--issuer", $"{IssuerProcess.Name}={IssuerDirectory.UrlOf(issuer)}"],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PrivacyProxy__Issuers__0__TokenTypes"] = $"{Metadata}",
            ["PrivacyProxy__Egress__Pools__0__Country"] = "US", ["PrivacyProxy__Egress__Pools__0__Addresses"] = Alabama,
            ["PrivacyProxy__Egress__Pools__1__Country"] = "DE", ["PrivacyProxy__Egress__Pools__1__Addresses"] = Berlin,
        });

    private static RelayServer StartRelay(Uri proxy, Uri issuer, IssuerTokenSources sources, bool metadata) => RelayServer.Start(
        new RelayOptions { Listen = "127.0.0.1:0", Proxies = [proxy.ToString()], Issuers = [issuer.ToString()], Geohash = "u33d-DE", MetadataTokens = metadata },
        sources, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Opens a tunnel; its status, and where it comes from.</summary>
    private static async Task<(int Status, string? From)> OpenAsync(IPEndPoint relay, TcpListener origin)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(relay, deadline.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {origin.LocalEndpoint} HTTP/1.1\r\nHost: {origin.LocalEndpoint}\r\n\r\n"), deadline.Token);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var status = int.Parse((await reader.ReadLineAsync(deadline.Token))!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        if (status != 200) return (status, null);
        using var arrived = await origin.AcceptSocketAsync(deadline.Token);
        return (status, ((IPEndPoint)arrived.RemoteEndPoint!).Address.ToString());
    }

    private static async Task<(byte[] First, byte[] Second)> TokensAsync(ProxyProcess proxy, Uri issuer, TokenExtensions extensions)
    {
        var head = await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, "127.0.0.1:9");
        var challenge = new ChallengeSelector(proxy.Plain.Authority, IssuerProcess.Name, takesMetadata: true).Select(head["Proxy-Authenticate"])!;
        using var http = IssuerHttp.CreateClient(new TrustPolicy([]));
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(issuer));
        var tokens = await client.RequestTokensAsync(challenge.Challenge, challenge.TokenKey, 2, CancellationToken.None, extensions: extensions);
        return (tokens[0], tokens[1]);
    }
}
