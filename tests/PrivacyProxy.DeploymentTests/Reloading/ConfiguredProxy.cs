using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace PrivacyProxy.DeploymentTests.Reloading;

/// <summary>A proxy as an operator has it: a configuration file and a certificate, which change while it runs.</summary>
internal sealed class ConfiguredProxy : IAsyncDisposable
{
    private readonly TemporaryDirectory _files = new();
    private ChildProcess? _child;

    public Uri Plain { get; private set; } = null!;

    public Uri Tls { get; private set; } = null!;

    public Uri Management { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public ChildProcess Child => _child!;

    public string Folder => _files.Path;

    public string Settings => _files.File("settings.json");

    public string Certificate => _files.File("chain.pem");

    public string Key => _files.File("key.pem");

    public void WriteCertificate(X509Certificate2 leaf, params TestAuthority[] intermediates)
    {
        Write(Certificate, leaf.ExportCertificatePem() + "\n" + string.Concat(intermediates.Select(static one => one.Pem)));
        Write(Key, leaf.KeyPem());
    }

    public void WriteSettings(string presharedKey, string ports, string level = "Information", string? certificate = null, string? key = null, string more = "") => Write(Settings, $$"""
        {
          "Logging": { "LogLevel": { "PrivacyProxy": "{{level}}" } },
          "PrivacyProxy": {
            "Authentication": { "PresharedKeys": ["{{presharedKey}}"] },
            "Egress": { "AllowPrivate": true, "AllowedPorts": "{{ports}}" {{more}} },
            "Tls": { "Certificate": "{{certificate ?? Certificate}}", "CertificateKey": "{{key ?? Key}}" }
          }
        }
        """);

    public async Task StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        _child = ChildProcess.StartProduct(
            ["serve", "--config", Settings, "--urls", "http://127.0.0.1:0;https://127.0.0.1:0", "--management", Management.ToString()], environment);
        var urls = await Child.WaitUntilReadyAsync();
        Plain = urls.Single(static url => url.Scheme == "http");
        Tls = urls.Single(static url => url.Scheme == "https");
    }

    public void HangUp() => PosixSignals.HangUp(Child.Id);

    /// <summary>The status of one CONNECT.</summary>
    public async Task<int> ConnectAsync(string presharedKey, string authority)
    {
        using var tunnel = await OpenAsync(Plain, presharedKey, authority);
        return tunnel.Status;
    }

    /// <summary>CONNECT over HTTP/1.1; its connection and its status.</summary>
    /// <param name="proxy">Its address.</param>
    /// <param name="presharedKey">The credential.</param>
    /// <param name="authority">Where to.</param>
    /// <param name="before">What a load balancer sends first.</param>
    public static async Task<OpenedTunnel> OpenAsync(Uri proxy, string presharedKey, string authority, string before = "")
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        var client = new TcpClient();
        await client.ConnectAsync(proxy.Host, proxy.Port, deadline.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(before), deadline.Token);
        return new OpenedTunnel(client, client.GetStream(), await AskAsync(client.GetStream(), presharedKey, authority, deadline.Token));
    }

    /// <summary>The same over TLS, with a certificate in place of the key.</summary>
    public async Task<OpenedTunnel> OpenAsync(X509Certificate2 certificate, string authority)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Tls.Port, deadline.Token);
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true) }, deadline.Token);
        return new OpenedTunnel(client, stream, await AskAsync(stream, presharedKey: null, authority, deadline.Token));
    }

    /// <summary>The status of one CONNECT over TLS, with whatever certificate.</summary>
    public static async Task<int> OverTlsAsync(int port, string presharedKey, string authority, string before = "")
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(before), deadline.Token);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, deadline.Token);
        return await AskAsync(stream, presharedKey, authority, deadline.Token);
    }

    private static async Task<int> AskAsync(Stream stream, string? presharedKey, string authority, CancellationToken deadline)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{(presharedKey is null ? "" : $"Proxy-Authorization: Preshared {presharedKey}\r\n")}\r\n"), deadline);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, deadline) > 0) head.Append((char)one[0]);
        return int.Parse(head.ToString().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>What a new TLS connection is shown: the leaf's thumbprint, and how many intermediates were sent along; whether HTTP/2 was chosen.</summary>
    public async Task<(string Thumbprint, int Intermediates, bool Http2)> ShownAsync()
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Tls.Port, deadline.Token);
        var (thumbprint, sent) = ("", 0);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, _) =>
        {
            thumbprint = ((X509Certificate2)certificate!).Thumbprint;
            sent = chain!.ChainPolicy.ExtraStore.Count(one => one.Thumbprint != thumbprint);
            return true;
        });
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }, deadline.Token);
        return (thumbprint, sent, stream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2);
    }

    /// <summary>Waits until reloads have had a result so often; asks the proxy's own metrics.</summary>
    public async Task ReloadsAsync(string result, int count)
    {
        using var client = new HttpClient();
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (Count(await client.GetStringAsync(new Uri(Management, "/metrics"), deadline.Token)) < count)
            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);

        int Count(string metrics) => Regex.Match(metrics, $@"^privacy_proxy_reloads_total\{{result=""{result}""\}} (\d+)", RegexOptions.Multiline) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_child is not null) await _child.DisposeAsync();
        _files.Dispose();
    }

    /// <summary>Under another name, then renamed, as careful programs write.</summary>
    public static void Write(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}

/// <summary>A connection that asked for a tunnel.</summary>
internal sealed class OpenedTunnel(TcpClient client, Stream stream, int status) : IDisposable
{
    public int Status => status;

    /// <summary>Sends a text to an echo and reads it back.</summary>
    public async Task<string> EchoAsync(string text)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        var bytes = Encoding.UTF8.GetBytes(text);
        await stream.WriteAsync(bytes, deadline.Token);
        await stream.ReadExactlyAsync(bytes, deadline.Token);
        return Encoding.UTF8.GetString(bytes);
    }

    public void Dispose()
    {
        stream.Dispose();
        client.Dispose();
    }
}
