using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Masque.Udp;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Hundreds of megabytes of datagrams through connect-udp to somebody who does not take them: the kernel drops, the proxy holds nothing.</summary>
public sealed class UdpFloodTests
{
    private const int Flood = 256 * 1024 * 1024;

    /// <summary>A quarter of what is sent; the heap of a runtime breathes.</summary>
    private const long MaxGrowth = Flood / 4;

    private const string Udp = "connect-udp";

    [SkippableTheory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http2)]
    public async Task From_a_client_to_a_target_that_does_not_read(TestWay way)
    {
        await using var proxy = await StartAsync();
        using var target = Bound();
        await using var client = await OpenAsync(proxy, way, target);
        await SendAsync(client, Flood / 16);
        var before = PeakMemory(proxy);
        await SendAsync(client, Flood);
        Assert.InRange(PeakMemory(proxy) - before, 0, MaxGrowth);
        await IsAliveAsync(proxy, way);
    }

    [SkippableTheory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http2)]
    public async Task From_a_target_to_a_client_that_does_not_read(TestWay way)
    {
        await using var proxy = await StartAsync();
        using var target = Bound();
        await using var client = await OpenAsync(proxy, way, target);
        await client.SendDatagramAsync("hello"u8);
        using var limit = new CancellationTokenSource(ChildProcess.Patience);
        var source = (await target.ReceiveFromAsync(new byte[16], new IPEndPoint(IPAddress.Any, 0), limit.Token)).RemoteEndPoint;
        await BlastAsync(target, source, Flood / 16, limit.Token);
        var before = PeakMemory(proxy);
        await BlastAsync(target, source, Flood, limit.Token);
        Assert.InRange(PeakMemory(proxy) - before, 0, MaxGrowth);
        await IsAliveAsync(proxy, way);
    }

    private static Task<ProxyProcess> StartAsync()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "reads /proc");
        return ProxyProcess.StartAsync(["--psk", TestClient.GoodCredentials["Preshared ".Length..], "--allow-private", "--allow-ports", "any"]);
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    /// <summary>A client that gives the proxy no more room than it has at first.</summary>
    private static async Task<TemplatedClient> OpenAsync(ProxyProcess proxy, TestWay way, Socket target)
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, proxy.Plain.Port);
        TestClient stream = way == TestWay.Http1
            ? await Http1TestClient.OpenAsync(endPoint, tls: false)
            : await Http2TestClient.OpenAsync(endPoint, tls: false, opensWindows: false);
        var client = new TemplatedClient(stream);
        var path = TemplatedClient.Path(Udp, "127.0.0.1", ((IPEndPoint)target.LocalEndPoint!).Port);
        TemplatedAnswer.IsAcceptance(await client.RequestAsync(Udp, path), way, Udp);
        return client;
    }

    /// <summary>Datagrams of 1200 bytes, as QUIC sends them, many to a write.</summary>
    private static async Task SendAsync(TemplatedClient client, int bytes)
    {
        var capsule = new byte[UdpDatagram.MaxHeaderLength + 1200];
        var length = UdpDatagram.WriteHeader(capsule, 1200) + 1200;
        var many = Enumerable.Repeat(capsule[..length], 50).SelectMany(static one => one).ToArray();
        for (var sent = 0; sent < bytes; sent += many.Length) await client.Stream.WriteAsync(many).WaitAsync(TestTimes.Limit);
    }

    private static async Task BlastAsync(Socket target, EndPoint source, int bytes, CancellationToken limit)
    {
        var small = new byte[1200];
        var large = new byte[60_000];
        for (var sent = 0; sent < bytes; sent += small.Length + large.Length)
        {
            await target.SendToAsync(small, source, limit);
            await target.SendToAsync(large, source, limit);
        }
    }

    /// <summary>The most resident memory the process ever had, bytes.</summary>
    private static long PeakMemory(ProxyProcess proxy)
    {
        var line = File.ReadLines($"/proc/{proxy.Id}/status").Single(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static async Task IsAliveAsync(ProxyProcess proxy, TestWay way)
    {
        using var echo = new UdpEcho();
        await using var client = new TemplatedClient(way == TestWay.Http1
            ? await Http1TestClient.OpenAsync(new IPEndPoint(IPAddress.Loopback, proxy.Plain.Port), tls: false)
            : await Http2TestClient.OpenAsync(new IPEndPoint(IPAddress.Loopback, proxy.Plain.Port), tls: false));
        TemplatedAnswer.IsAcceptance(await client.RequestAsync(Udp, TemplatedClient.Path(Udp, "127.0.0.1", echo.Port)), way, Udp);
        await client.SendDatagramAsync("alive"u8);
        Assert.Equal("alive"u8.ToArray(), await client.ReadDatagramAsync());
        ProductAssert.LogIsClean(proxy);
    }
}
