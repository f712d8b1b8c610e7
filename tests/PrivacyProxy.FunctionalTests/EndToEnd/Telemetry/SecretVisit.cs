using System.Net;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Telemetry;

/// <summary>One client's requests, good and bad, and everything about them that is nobody's business.</summary>
internal sealed class SecretVisit
{
    public const string PresharedKey = "psk-7Qm2vX9tLw4R";
    public const string CollectorKey = "collector-key-5Tz8";
    public const string ForbiddenNetwork = "127.99.0.0/16";

    private const string DestinationName = "a-127-88-3-4.hidden-place.example";
    private const string ForbiddenName = "a-127-99-5-6.forbidden-place.example";
    private const string UnresolvableName = "absent.nowhere-place.example";
    private const string WrongKey = "wrong-key-93kf02mz";
    private const string Geohash = "u4pruydqqvj";
    private const string ClientTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string EarlyData = "early-data-of-the-client";

    private static readonly IPAddress _client = IPAddress.Parse("127.77.41.153");

    private readonly ProductFixture _product;

    public SecretVisit(ProductFixture product)
    {
        _product = product;
        Secrets.Add("client address", _client.ToString());
        Secrets.Add("client address", _client.GetAddressBytes());
        Secrets.Add("destination", "hidden-place.example");
        Secrets.Add("destination", DestinationAddress.ToString());
        Secrets.Add("destination", DestinationAddress.GetAddressBytes());
        Secrets.Add("forbidden destination", "forbidden-place.example");
        Secrets.Add("forbidden destination", "127.99.5.6");
        Secrets.Add("unresolvable destination", "nowhere-place.example");
        Secrets.Add("preshared key", PresharedKey);
        Secrets.Add("wrong preshared key", WrongKey);
        Secrets.Add("key of the collector", CollectorKey);
        Secrets.Add("geohash", Geohash);
        Secrets.Add("trace id of the client", ClientTraceId);
        Secrets.Add("data", EarlyData);
        foreach (var file in Directory.EnumerateFiles(product.IssuerDirectory, "*.key.json"))
            foreach (Match key in Regex.Matches(File.ReadAllText(file), "[A-Za-z0-9+/_-]{40,}"))
            {
                Secrets.Add("key of the issuer", key.Value);
                if (Base64(key.Value) is { } bytes) Secrets.Add("key of the issuer", bytes);
            }
    }

    public static IPAddress DestinationAddress { get; } = IPAddress.Parse("127.88.3.4");

    public Secrets Secrets { get; } = new();

    /// <summary>How many tunnel requests were made.</summary>
    public int Requests { get; private set; }

    public async Task AcceptedAndRefusedAsync(ProxyProcess proxy, ProxyVersion version, int port)
    {
        var target = $"{DestinationName}:{port}";
        var token = await TakeAsync(2);
        await IsAsync(200, proxy, version, target, Credentials.Token(token));
        await IsAsync(407, proxy, version, target, Credentials.Token(token));
        await IsAsync(200, proxy, version, target, Credentials.Token(await TakeAsync(1)));
        await IsAsync(200, proxy, version, $"{DestinationAddress}:{port}", Credentials.Preshared(PresharedKey));
        await IsAsync(407, proxy, version, target, Credentials.Preshared(WrongKey));
        await IsAsync(407, proxy, version, target, Credentials.Token(Credentials.Flipped(await TakeAsync(2), ^1)));
        await IsAsync(407, proxy, version, target, Credentials.Token(Credentials.Altered(await TakeAsync(2), static bytes => bytes[..^1])));
        await IsAsync(407, proxy, version, target, Credentials.Token("!!" + await TakeAsync(2)));
        await IsAsync(400, proxy, version, $"{DestinationName}:0{port}", Credentials.Preshared(PresharedKey));
        await IsAsync(502, proxy, version, $"{ForbiddenName}:443", Credentials.Preshared(PresharedKey));
        await IsAsync(502, proxy, version, "127.99.5.6:443", Credentials.Preshared(PresharedKey));
        await IsAsync(502, proxy, version, $"{UnresolvableName}:443", Credentials.Preshared(PresharedKey));
        await IsAsync(502, proxy, version, $"{DestinationName}:{FreePort.Next()}", Credentials.Token(await TakeAsync(2)));
    }

    /// <summary>The same where the destination is in the path.</summary>
    public async Task TemplatedAsync(ProxyProcess proxy, ProxyVersion version, int port)
    {
        var accepted = version is ProxyVersion.Http1 or ProxyVersion.Http1Tls ? 101 : 200;
        foreach (var protocol in new[] { TemplatedProbe.Udp, TemplatedProbe.Tcp })
        {
            var token = await TakeAsync(2);
            await IsAsync(accepted, proxy, version, $"{DestinationName}:{port}", Credentials.Token(token), protocol);
            await IsAsync(401, proxy, version, $"{DestinationName}:{port}", Credentials.Token(token), protocol);
            await IsAsync(401, proxy, version, $"{DestinationAddress}:{port}", Credentials.Preshared(WrongKey), protocol);
            await IsAsync(400, proxy, version, $"{DestinationName}:0{port}", Credentials.Preshared(PresharedKey), protocol);
            await IsAsync(502, proxy, version, $"{ForbiddenName}:443", Credentials.Preshared(PresharedKey), protocol);
            await IsAsync(502, proxy, version, $"{UnresolvableName}:443", Credentials.Preshared(PresharedKey), protocol);
        }
    }

    public async Task RefusedForWantOfAStoreAsync(ProxyProcess proxy, ProxyVersion version, int port) =>
        await IsAsync(503, proxy, version, $"{DestinationName}:{port}", Credentials.Token(await TakeAsync(2)));

    private async Task IsAsync(int status, ProxyProcess proxy, ProxyVersion version, string authority, string authorization, string? protocol = null)
    {
        Requests++;
        KeyValuePair<string, string>[] fields =
        [
            Credentials.Field(authorization),
            KeyValuePair.Create("sec-ch-geohash", $"{Geohash}-DE"),
            KeyValuePair.Create("traceparent", $"00-{ClientTraceId}-00f067aa0ba902b7-01"),
        ];
        await using var probe = protocol is null
            ? await TunnelProbe.ConnectAsync(proxy, version, authority, fields, EarlyData, _client)
            : await TemplatedProbe.ConnectAsync(proxy, version, protocol, authority, _client, fields);
        var head = await probe.ReadHeadAsync();
        Assert.Equal((authority, status), (authority, head.Status));
    }

    /// <summary>A token, each of whose parts is a secret from now on (RFC 9577, section 2.2).</summary>
    private async Task<string> TakeAsync(int type)
    {
        var token = await _product.Tokens.TakeAsync(type);
        var bytes = Credentials.Decode(token);
        Secrets.Add("token", token);
        Secrets.Add("token", token[8..72]);
        Secrets.Add("nonce", bytes[2..34]);
        Secrets.Add("authenticator", bytes[98..]);
        return token;
    }

    private static byte[]? Base64(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var written) ? bytes[..written] : null;
    }
}
