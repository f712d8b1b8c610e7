using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using PrivacyProxy.Configuration;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Clients.Http3;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Targets;

/// <summary>Which proxy a scenario loads, and how it is spoken to.</summary>
internal abstract record TargetSettings : IValidatableObject
{
    [Flag("http://HOST:PORT or https://HOST:PORT of a proxy that runs; without, one of our own is started.")]
    public Uri? Proxy { get; init; }

    [Flag("PID[,PID] of that proxy, with their children, for its CPU and memory; without, these are not measured.")]
    public string? Pid { get; init; }

    [Flag("The version of HTTP: 1, 2 or 3. 3 needs libmsquic."), Range(1, 3)]
    public int Http { get; init; } = 1;

    [Flag("TLS to the proxy that is started, instead of cleartext. HTTP/3 always has it.")]
    public bool Tls { get; init; }

    [Flag("What serves tunnels in the proxy that is started: kestrel or native.")]
    public ListenerEngine Engine { get; init; } = ListenerEngine.Kestrel;

    [Flag("What tunnels are paid with: psk, tokens (type 2, issued before) or none.")]
    public Payment Pay { get; init; } = Payment.Psk;

    [Flag("The preshared key of a proxy that runs."), JsonIgnore, Secret]
    public string? Psk { get; init; }

    [Flag("File with a token on each line (privacy-proxy token request prints them) for a proxy that runs; each is sent once.")]
    public string? TokenFile { get; init; }

    [Flag("Where the proxy that is started remembers spent tokens: memory, or a memcached of its own.")]
    public SpentStore Store { get; init; } = SpentStore.Memory;

    [Flag("Connections of HTTP/2 and HTTP/3 at a time."), Range(1, 1_000)]
    public int Connections { get; init; } = 2;

    [Flag("Tunnels after which a connection of HTTP/2 is replaced; 1: a connection for each tunnel."), Range(1, 1_000_000)]
    public int PerConnection { get; init; } = 500;

    [Flag("ADDRESS:PORT where the destination of the tunnels listens, as the proxy reaches it.", Default = "loopback, a free port")]
    public string? Origin { get; init; }

    [Flag("Exit with 1 when more tunnels fail."), Range(0, 100_000_000)]
    public int MaxErrors { get; init; }

    [JsonIgnore]
    public IPEndPoint OriginEndPoint => Origin is { } text && IPEndPoint.TryParse(text, out var endPoint) ? endPoint : new IPEndPoint(IPAddress.Loopback, 0);

    [JsonIgnore]
    public IReadOnlyList<int> ProcessIds => Pid is null ? [] : [.. OptionsReader.Split(Pid).Select(static pid => int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)];

    [JsonIgnore]
    public bool IsOverTls => Http == 3 || (Proxy is { } url ? url.Scheme == Uri.UriSchemeHttps : Tls);

    /// <summary>For titles.</summary>
    [JsonIgnore]
    public string Way => $"HTTP/{(Http == 1 ? "1.1" : Http)}{(Http == 3 ? "" : IsOverTls ? " over TLS" : " in cleartext")}, {(Pay == Payment.None ? "no payment" : Pay == Payment.Psk ? "preshared key" : "tokens")}";

    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Proxy is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))) yield return new("http://HOST:PORT or https://HOST:PORT", [nameof(Proxy)]);
        if (Http == 3 && Proxy is { IsAbsoluteUri: true, Scheme: "http" }) yield return new("https, for HTTP/3", [nameof(Proxy)]);
        if (Pid is not null && (Proxy is null || ProcessIds.Count == 0 || ProcessIds.Any(static id => id <= 0))) yield return new("PID[,PID], with --proxy", [nameof(Pid)]);
        if (Origin is not null && (!IPEndPoint.TryParse(Origin, out var endPoint) || endPoint.Port == 0)) yield return new("ADDRESS:PORT", [nameof(Origin)]);
        if (Psk is not null && (Proxy is null || Pay != Payment.Psk)) yield return new("nothing: only with --proxy and --pay psk", [nameof(Psk)]);
        if (Proxy is not null && Pay == Payment.Psk && Psk is null) yield return new("--psk beside it (or --pay none, or tokens)", [nameof(Proxy)]);
        if (TokenFile is not null && (Proxy is null || Pay != Payment.Tokens)) yield return new("nothing: only with --proxy and --pay tokens", [nameof(TokenFile)]);
        if (Proxy is not null && Pay == Payment.Tokens && TokenFile is null) yield return new("--token-file beside it, with tokens for that proxy", [nameof(Proxy)]);
    }

    /// <exception cref="IOException">There is no QUIC here.</exception>
    public ITunnelClient CreateClient(ProxyAddress proxy) => Http switch
    {
        1 => new Http1Client(proxy),
        2 => new Http2Client(proxy, Connections, PerConnection),
        _ => new Http3Client(proxy, Connections),
    };
}
