using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.FunctionalTests.Listeners;

/// <summary>Programs that speak HTTP/2, against the engine.</summary>
public sealed class EngineClientTests
{
    // The one that python3-h2 is installed for.
    private const string DebiansPython = "/usr/bin/python3";

    private const string Tunnel = """
        const http2 = require('http2');
        const session = http2.connect(process.argv[1], { rejectUnauthorized: false });
        session.on('error', e => { console.error(e); process.exit(1); });
        let open = 20, sum = 0;
        for (let i = 0; i < 20; i++) {
          const stream = session.request({ ':method': 'CONNECT', ':authority': process.argv[2], 'proxy-authorization': 'Preshared good' });
          stream.on('response', head => { if (head[':status'] !== 200) { console.error(head); process.exit(1); } });
          stream.on('data', bytes => sum += bytes.length);
          stream.on('end', () => { if (--open === 0) { console.log(sum); session.close(); } });
          stream.end(Buffer.alloc(50000, 'x'));
        }
        """;

    private const string PythonTunnel = """
        import socket, sys, h2.config, h2.connection, h2.events
        host, port = sys.argv[1].split(':')
        s = socket.create_connection((host, int(port))); s.settimeout(60)
        # It knows no CONNECT when it checks what it sends; what it receives it checks all the same.
        c = h2.connection.H2Connection(h2.config.H2Configuration(validate_outbound_headers=False)); c.initiate_connection()
        for i in (1, 3, 5): c.send_headers(i, [(':method', 'CONNECT'), (':authority', sys.argv[2]), ('proxy-authorization', 'Preshared good')])
        got = {1: 0, 3: 0, 5: 0}; statuses = []; ended = 0
        s.sendall(c.data_to_send())
        while ended < 3:
            data = s.recv(65536)
            if not data: sys.exit('closed')
            for e in c.receive_data(data):
                if isinstance(e, h2.events.ResponseReceived):
                    statuses.append(dict(e.headers)[b':status'])
                    c.send_data(e.stream_id, b'y' * 10000, end_stream=True)
                elif isinstance(e, h2.events.DataReceived):
                    got[e.stream_id] += len(e.data); c.acknowledge_received_data(e.flow_controlled_length, e.stream_id)
                elif isinstance(e, h2.events.StreamEnded): ended += 1
            s.sendall(c.data_to_send())
        print(statuses, got)
        """;

    [SkippableTheory]
    [InlineData(TestWay.Http2Native)]
    [InlineData(TestWay.Http2NativeTls)]
    public async Task Node_has_twenty_tunnels_on_a_connection(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var echo = new Echo();
        Assert.Equal("1000000", await RunAsync("node", "-e", Tunnel, $"{Url(proxy, way)}", echo.Authority));
        Assert.Equal(20, proxy.Metrics["privacy_proxy_connections_total"]);
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableFact]
    public async Task Go_has_twenty_tunnels_on_a_connection()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http2NativeTls);
        using var echo = new Echo();
        Assert.Equal("1000000", await RunAsync("go", "run", Path.Combine(Product.RepositoryRoot!, "tests/tools/tunnels.go"), Url(proxy, TestWay.Http2NativeTls), echo.Authority));
        Assert.Equal(20, proxy.Metrics["privacy_proxy_connections_total"]);
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableFact]
    public async Task Python_h2_finds_nothing_to_complain_of()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http2Native);
        using var echo = new Echo();
        Skip.IfNot((await TryRunAsync(DebiansPython, "-c", "import h2"))?.ExitCode == 0, "python3-h2 is not installed");
        Assert.Equal("[b'200', b'200', b'200'] {1: 10000, 3: 10000, 5: 10000}", await RunAsync(DebiansPython, "-c", PythonTunnel, proxy.EndPoint.ToString(), echo.Authority));
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory]
    [InlineData(TestWay.Http2Native)]
    [InlineData(TestWay.Http2NativeTls)]
    public async Task Curl_is_answered(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        var version = way == TestWay.Http2Native ? "--http2-prior-knowledge" : "--http2";
        Assert.Equal("not a tunnel 2 200", await RunAsync("curl", "-sS", "-k", "--max-time", "60", "--noproxy", "*", version, "-w", " %{http_version} %{http_code}", Url(proxy, way)));
        Assert.Empty(proxy.Logs.Lines);
    }

    /// <summary>All at once on few connections, as strangers: what is too much at a time waits its turn, and none is refused.</summary>
    [SkippableFact]
    public async Task H2load_gets_every_answer()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http2Native, limits: new() { Places = 1000, StrangerBurst = int.MaxValue });
        var output = await RunAsync("h2load", "-n", "3000", "-c", "3", "-m", "100", Url(proxy, TestWay.Http2Native));
        Assert.Contains("3000 succeeded, 0 failed, 0 errored, 0 timeout", output, StringComparison.Ordinal);
        Assert.Empty(proxy.Logs.Lines);
    }

    private static string Url(ProxyFixture proxy, TestWay way) => $"{(way == TestWay.Http2NativeTls ? "https" : "http")}://localhost:{proxy.EndPoint.Port.ToString(CultureInfo.InvariantCulture)}/";

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await TryRunAsync(program, arguments);
        Skip.If(result is null, $"{program} is not installed");
        Assert.True(result.ExitCode == 0, result.Errors);
        return result.Output.Trim();
    }

    private static async Task<CommandResult?> TryRunAsync(string program, params string[] arguments)
    {
        try
        {
            return await ChildProcess.RunAsync(program, arguments);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Gives back what it gets, and ends when its client does.</summary>
    private sealed class Echo : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Echo()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Authority => $"origin.test:{((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)}";

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static async Task ServeAsync(TcpClient client)
        {
            using (client) await client.GetStream().CopyToAsync(client.GetStream());
        }
    }
}
