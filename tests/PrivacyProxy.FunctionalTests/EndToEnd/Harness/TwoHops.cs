using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>
/// A relay through two proxies, each with an issuer of its own, a source address of its own and a recorder before it, to a
/// destination that only the second can resolve. The relay and its programs are at 127.0.0.1.
/// </summary>
internal sealed class TwoHops : IAsyncDisposable
{
    public const string Page = "what only the destination and the program may read";

    public static readonly IPAddress ClientAddress = IPAddress.Loopback;
    public static readonly IPAddress FirstEgress = IPAddress.Parse("127.0.0.2");

    /// <summary>Where the second leaves for those who are where the first says that the relay is, and for everybody else.</summary>
    public static readonly IPAddress SecondEgress = IPAddress.Parse("127.0.0.3");
    public static readonly IPAddress SecondEgressElsewhere = IPAddress.Parse("127.0.0.4");
    public const string Place = "xn76c-JP";

    public static readonly IPAddress DestinationAddress = IPAddress.Parse("127.0.0.6");

    /// <summary>What <see cref="DnsServer"/> resolves to the destination's address.</summary>
    public const string DestinationName = "a-127-0-0-6.destination.example";

    private readonly Stack<IAsyncDisposable> _started = [];
    private readonly TemporaryDirectory _directory = new();
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly ConcurrentQueue<IPAddress> _destinationPeers = [];

    private TwoHops()
    {
    }

    public HopRecorder First { get; private set; } = null!;

    /// <summary>Behind the first recorder.</summary>
    public ProxyProcess FirstProxy { get; private set; } = null!;

    public IssuerProcess FirstIssuer { get; private set; } = null!;

    public HopRecorder Second { get; private set; } = null!;

    /// <summary>Behind the second recorder.</summary>
    public ProxyProcess SecondProxy { get; private set; } = null!;

    public IssuerProcess SecondIssuer { get; private set; } = null!;

    public RelayProcess Relay { get; private set; } = null!;

    /// <summary>By which the first knows where its clients are.</summary>
    public string PlaceFile => _directory.File("places");

    /// <summary>A page in cleartext, so that whoever carries it could read it.</summary>
    public string DestinationUrl { get; private set; } = null!;

    /// <summary>Who connected to the destination.</summary>
    public IEnumerable<IPAddress> DestinationPeers => _destinationPeers.Distinct();

    public IPAddress LastDestinationPeer => _destinationPeers.Last();

    /// <summary>How the relay, and thus the first proxy, names the second.</summary>
    public string SecondAuthority => $"localhost:{Second.Port}";

    public static async Task<TwoHops> StartAsync(string upstream)
    {
        var hops = new TwoHops();
        try
        {
            await hops.StartPartsAsync(upstream);
            return hops;
        }
        catch
        {
            await hops.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var part)) await part.DisposeAsync();
        _certificate.Dispose();
        _directory.Dispose();
    }

    private async Task StartPartsAsync(string upstream)
    {
        var names = Started(new DnsServer());
        var destination = Started(new TcpOrigin(ServePageAsync, DestinationAddress));
        DestinationUrl = $"http://{DestinationName}:{destination.Port}/";
        var firstIssuer = Started(await IssuerProcess.StartAsync(_directory.File("first")));
        var secondIssuer = Started(await IssuerProcess.StartAsync(_directory.File("second")));
        await File.WriteAllTextAsync(PlaceFile, $"{ClientAddress},{Place}\n");
        (string, string)[] places = [("PrivacyProxy__Egress__Places__ClientsChoose", "false"), ("PrivacyProxy__Egress__Places__Secret", "what the two hops share, and no client")];
        // It leads to the second, and nowhere else.
        FirstProxy = await StartProxyAsync(
            firstIssuer, FirstEgress, names,
            [.. places, ("PrivacyProxy__Egress__AllowedDestinations", "localhost"), ("PrivacyProxy__Forwarding__Enabled", "false"), ("PrivacyProxy__Egress__Places__File", PlaceFile), ("PrivacyProxy__Egress__Places__TellClients", "true")]);
        FirstIssuer = firstIssuer;
        First = Started(new HopRecorder(FirstProxy.Plain, _certificate));
        SecondProxy = await StartProxyAsync(
            secondIssuer, SecondEgressElsewhere, names,
            [.. places, ("PrivacyProxy__Egress__Pools__1__Geohash", Place[..4]), ("PrivacyProxy__Egress__Pools__1__Addresses", SecondEgress.ToString())]);
        SecondIssuer = secondIssuer;
        Second = Started(new HopRecorder(SecondProxy.Plain, _certificate));
        var authority = _directory.File("ca.pem");
        await File.WriteAllTextAsync(authority, _certificate.ExportCertificatePem());
        Relay = Started(await RelayProcess.StartAsync(
            "--upstream", upstream,
            "--proxy", $"https://127.0.0.1:{First.Port}", "--issuer", firstIssuer.Url.ToString(),
            "--proxy", $"https://{SecondAuthority}", "--issuer", secondIssuer.Url.ToString(),
            "--proxy-ca", authority));
    }

    private async Task<ProxyProcess> StartProxyAsync(IssuerProcess issuer, IPAddress egress, DnsServer names, params (string Key, string Value)[] more)
    {
        var proxy = Started(await ProxyProcess.StartAsync(
            ["--allow-private", "--allow-ports", "any"],
            new Dictionary<string, string>(issuer.Trusted(refresh: "01:00:00").Concat(more.Select(static setting => KeyValuePair.Create(setting.Key, setting.Value))), StringComparer.Ordinal)
            {
                // The recorder has another port than the proxy.
                ["PrivacyProxy__Authentication__OriginInfo"] = "",
                ["PrivacyProxy__Egress__Pools__0__Addresses"] = egress.ToString(),
                ["PrivacyProxy__Egress__Resolver__Servers"] = names.Address,
            }));
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        return proxy;
    }

    private async Task ServePageAsync(Socket socket, CancellationToken stop)
    {
        _destinationPeers.Enqueue(((IPEndPoint)socket.RemoteEndPoint!).Address);
        var request = "";
        var buffer = new byte[1024];
        while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await socket.ReceiveAsync(buffer, stop) is var read and > 0)
            request += Encoding.Latin1.GetString(buffer, 0, read);
        await TcpOrigin.SendAsync(socket, Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Page.Length}\r\nConnection: close\r\n\r\n{Page}"), stop);
        socket.Shutdown(SocketShutdown.Send);
    }

    private T Started<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Push(part);
        return part;
    }
}
