using System.Net;
using System.Net.Quic;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.FunctionalTests.Http3;

/// <summary>The proxy's own process, reached over real QUIC; skips the test by name where there is no libmsquic.</summary>
[SupportedOSPlatform("linux")]
internal sealed class QuicProxy : IAsyncDisposable
{
    public const string Credentials = "Preshared " + Key;

    private const string Key = "a-preshared-key-of-the-tests";

    private readonly TemporaryDirectory _data = new();
    private readonly ChildProcess _process;

    private QuicProxy(IReadOnlyDictionary<string, string>? settings) => _process = ChildProcess.StartProduct(
        ["serve", "--urls", $"https://127.0.0.1:{Port}", "--management", "none", "--data", _data.Path, "--psk", Key, "--allow-private", "--allow-ports", "any"], settings);

    public int Port { get; } = FreePort.Next();

    public static async Task<QuicProxy> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        Skip.IfNot(QuicListener.IsSupported, "libmsquic is not installed");
        var proxy = new QuicProxy(settings);
        await proxy._process.WaitUntilReadyAsync();
        return proxy;
    }

    /// <summary>A connection; whose certificate it is matters nothing here, as TLS is Kestrel's.</summary>
    public async Task<ITransportConnection> ConnectAsync(X509Certificate2? shown = null) =>
        await QuicTransportConnection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), static (_, certificate, _, _) => certificate is not null, shown);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _data.Dispose();
    }
}
