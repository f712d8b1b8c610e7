using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyProxy.DeploymentTests.Reloading;
using PrivacyProxy.Listeners.Inherited;

namespace PrivacyProxy.DeploymentTests.Activation;

/// <summary>Listening sockets handed over by a parent (systemd's socket activation), by a real process that keeps them.</summary>
public sealed class InheritedSocketTests
{
    private const string Key = "k";
    private const string SystemdsTool = "/usr/bin/systemd-socket-activate";

    private static readonly string[] _flags =
        ["serve", "--urls", "http://127.0.0.1:{0};https://127.0.0.1:{1}", "--management", "none", "--psk", Key, "--allow-private", "--allow-ports", "any"];

    [SkippableTheory]
    [InlineData("Native")]
    [InlineData("Kestrel")]
    public async Task One_process_takes_over_from_another_and_nobody_is_refused_and_no_tunnel_is_cut(string engine)
    {
        await using var origin = TcpOrigin.Echo();
        await using var manager = await StartAsync("tcp", 2, _flags, engine, ("PrivacyProxy__Drain__Delay", "00:00:01"));
        var proxy = new Uri($"http://127.0.0.1:{manager.Ports[0]}");
        Assert.Equal($"ready http://127.0.0.1:{manager.Ports[0]} https://127.0.0.1:{manager.Ports[1]}", await manager.ReadyAsync());
        Assert.Equal(200, await ConfiguredProxy.OverTlsAsync(manager.Ports[1], Key, origin.Authority));
        var old = await ConfiguredProxy.OpenAsync(proxy, Key, origin.Authority);
        Assert.Equal(200, old.Status);

        using var stop = new CancellationTokenSource();
        var opened = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenUntilAsync(proxy, origin.Authority, stop.Token)));
        await manager.StartAnotherAsync();
        await manager.ReadyAsync(2);
        PosixSignals.Terminate(manager.First);
        // Only the second one takes connections now; the first has a tunnel, so it is there as well.
        for (var i = 0; i < 20; i++)
        {
            using var tunnel = await ConfiguredProxy.OpenAsync(proxy, Key, origin.Authority);
            Assert.Equal(200, tunnel.Status);
        }

        Assert.Equal("still here", await old.EchoAsync("still here"));
        old.Dispose();
        Assert.Equal(0, await manager.EndedAsync(manager.First));
        Assert.Equal(200, await ConfiguredProxy.OverTlsAsync(manager.Ports[1], Key, origin.Authority));
        await stop.CancelAsync();
        Assert.All(await opened, static count => Assert.InRange(count, 1, int.MaxValue));
    }

    [SkippableTheory]
    [InlineData("Native")]
    [InlineData("Kestrel")]
    public async Task What_connects_while_no_process_is_there_waits_for_the_next(string engine)
    {
        await using var origin = TcpOrigin.Echo();
        await using var manager = await StartAsync("tcp", 2, _flags, engine);
        await manager.ReadyAsync();
        PosixSignals.Terminate(manager.First);
        Assert.Equal(0, await manager.EndedAsync(manager.First));

        var waiting = ConfiguredProxy.OpenAsync(new Uri($"http://127.0.0.1:{manager.Ports[0]}"), Key, origin.Authority);
        await manager.StartAnotherAsync();
        using var tunnel = await waiting;
        Assert.Equal(200, tunnel.Status);
    }

    [SkippableTheory]
    [InlineData("Native")]
    [InlineData("Kestrel")]
    public async Task On_sockets_that_were_handed_over_balancers_say_who_comes_and_nobody_else_is_let_in(string engine)
    {
        await using var origin = TcpOrigin.Echo();
        await using var manager = await StartAsync("tcp", 2, _flags, engine, ("PrivacyProxy__Listeners__Balancers", "127.0.0.1"), ("PrivacyProxy__Telemetry__Debug__IncludeDestinations", "true"), ("Logging__LogLevel__PrivacyProxy", "Debug"));
        await manager.ReadyAsync();
        const string Header = "PROXY TCP4 198.51.100.7 203.0.113.2 5 443\r\n";
        var proxy = new Uri($"http://127.0.0.1:{manager.Ports[0]}");
        using var tunnel = await ConfiguredProxy.OpenAsync(proxy, Key, origin.Authority, Header);
        Assert.Equal("through", await tunnel.EchoAsync("through"));
        Assert.Equal(200, await ConfiguredProxy.OverTlsAsync(manager.Ports[1], Key, origin.Authority, Header));
        // Who is refused is written down here, by a setting for developers.
        Assert.Equal(407, await ConfiguredProxy.OverTlsAsync(manager.Ports[1], "wrong", "refused.example:443", Header));
        await manager.WaitForErrorsAsync("client 198.51.100.7, destination refused.example:443");

        using var without = new TcpClient();
        await without.ConnectAsync(IPAddress.Loopback, manager.Ports[0]);
        await without.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: {origin.Authority}\r\nProxy-Authorization: Preshared {Key}\r\n\r\n"));
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        try
        {
            Assert.Equal(0, await without.GetStream().ReadAsync(new byte[1], deadline.Token));
        }
        catch (IOException)
        {
            // A RST says the same, for bytes were left unread.
        }
    }

    [SkippableFact]
    public async Task A_socket_that_no_url_asks_for_stops_the_start_and_is_named()
    {
        await using var manager = await StartAsync("tcp", 2, ["serve", "--urls", "http://127.0.0.1:{0}", "--management", "none", "--psk", Key], "Native");
        Assert.Equal(1, await manager.EndedAsync(manager.First));
        await manager.WaitForErrorsAsync($"expected a URL for each socket that the service manager hands over, also for 127.0.0.1:{manager.Ports[1]}");
    }

    [SkippableTheory]
    [InlineData("udp")]
    [InlineData("idle")]
    public async Task A_socket_that_takes_no_connections_stops_the_start_and_is_named(string kind)
    {
        await using var manager = await StartAsync(kind, 1, ["serve", "--urls", "http://127.0.0.1:{0}", "--management", "none", "--psk", Key], "Native");
        Assert.Equal(1, await manager.EndedAsync(manager.First));
        await manager.WaitForErrorsAsync("$LISTEN_FDS");
        Assert.Contains("expected TCP sockets that listen (descriptor 3 is none", manager.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", manager.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Systemds_own_tool_starts_the_proxy_with_the_first_connection()
    {
        Skip.IfNot(File.Exists(SystemdsTool), "systemd-socket-activate is not installed");
        await using var origin = TcpOrigin.Echo();
        var address = $"127.0.0.1:{FreePort.Next()}";
        var flags = _flags.Select(flag => flag.StartsWith("http", StringComparison.Ordinal) ? $"http://{address}" : flag);
        await using var tool = ChildProcess.Start(SystemdsTool, ["--listen", address, "--setenv=DOTNET_ROOT", "--", "dotnet", "exec", Product.Assembly, .. flags]);
        await tool.WaitForErrorsAsync("Listening on");
        using var tunnel = await ConfiguredProxy.OpenAsync(new Uri($"http://{address}"), Key, origin.Authority);
        Assert.Equal(200, tunnel.Status);
        Assert.Contains($"ready http://{address}", tool.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Sockets_for_another_process_are_left_alone()
    {
        var sockets = Read(pid: "1", count: "1");
        Assert.Null(sockets.Find(new IPEndPoint(IPAddress.Loopback, 443)));
        sockets.AllAreAskedFor("Urls", []);
    }

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("100000")]
    public void A_number_of_sockets_that_is_none_is_named(string count)
    {
        var error = Assert.Throws<PrivacyProxy.Configuration.InvalidConfigurationException>(() => Read(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), count));
        Assert.Contains($"$LISTEN_FDS is \"{count}\"", error.Message, StringComparison.Ordinal);
    }

    private static InheritedSockets Read(string pid, string count) => new(
        name => name == InheritedSockets.ProcessVariable ? pid : name == InheritedSockets.CountVariable ? count : null, Environment.ProcessId);

    private static Task<ServiceManager> StartAsync(string kind, int sockets, IEnumerable<string> flags, string engine, params (string Name, string Value)[] settings)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/python3"), "needs python3 as the parent");
        var environment = settings.Append(("PrivacyProxy__Listeners__Engine", engine)).ToDictionary(static one => one.Item1, static one => one.Item2, StringComparer.Ordinal);
        return ServiceManager.StartAsync(kind, sockets, flags, environment);
    }

    /// <summary>Opens one tunnel after another on connections of their own; how many. Each must be opened.</summary>
    private static async Task<int> OpenUntilAsync(Uri proxy, string authority, CancellationToken stop)
    {
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            using var tunnel = await ConfiguredProxy.OpenAsync(proxy, Key, authority);
            Assert.Equal(200, tunnel.Status);
            Assert.Equal("x", await tunnel.EchoAsync("x"));
        }

        return count;
    }
}
