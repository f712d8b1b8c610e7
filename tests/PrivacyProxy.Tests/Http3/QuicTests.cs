using System.Net;
using System.Net.Quic;
using System.Net.Sockets;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.Tests.Http3.Client;
using PrivacyProxy.Tests.Http3.Transport;
using PrivacyProxy.Tests.Listeners;

namespace PrivacyProxy.Tests.Http3;

/// <summary>The proxy's own process over real QUIC, where the machine has libmsquic.</summary>
public sealed class QuicTests
{
    private const string Key = "a-preshared-key-of-the-tests";

    [SkippableFact]
    public async Task Extended_connect_is_announced_and_a_tunnel_carries_bytes_over_real_quic()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && QuicListener.IsSupported, "libmsquic is not installed");
        using var data = new TemporaryDirectory();
        var port = FreePort.Next();
        await using var proxy = ChildProcess.StartProduct(
            ["serve", "--urls", $"https://127.0.0.1:{port}", "--management", "none", "--data", data.Path, "--psk", Key, "--allow-private", "--allow-ports", "any"]);
        await proxy.WaitForOutputAsync(line => line.StartsWith("ready ", StringComparison.Ordinal));
        if (!OperatingSystem.IsLinux()) return;

        // Whose certificate it is matters nothing here: TLS is Kestrel's.
        var connection = await QuicTransportConnection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), static (_, certificate, _, _) => certificate is not null);
        await using var client = await Http3Client.OpenAsync(connection);
        Assert.Equal(1ul, (await client.Settings.WaitAsync(TestTimes.Limit))[Http3Codes.EnableConnectProtocol]);

        using var origin = new TestOrigin();
        var tunnel = await client.RequestAsync(Http3Fields.Connect($"127.0.0.1:{origin.Port}", new KeyValuePair<string, string>("proxy-authorization", $"Preshared {Key}")));
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        using var server = await origin.AcceptAsync();
        var buffer = new byte[8];
        await tunnel.SendDataAsync("ping"u8.ToArray());
        Assert.Equal(4, await server.ReceiveAsync(buffer, SocketFlags.None).WaitAsync(TestTimes.Limit));
        await server.SendAsync(buffer.AsMemory(0, 4), SocketFlags.None);
        Assert.Equal(4, await tunnel.ReadAsync(buffer).WaitAsync(TestTimes.Limit));
        server.Close(0);
        var aborted = await Assert.ThrowsAsync<StreamAbortedException>(() => tunnel.ReadAsync(buffer).WaitAsync(TestTimes.Limit));
        Assert.Equal(Http3Codes.ConnectError, aborted.Code);
    }
}
