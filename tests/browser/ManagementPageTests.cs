using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;
using PrivacyProxy.Commands.Demo;
using PrivacyProxy.Hosting;
using PrivacyRelay;
using PrivacyRelay.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace Browser.Tests;

/// <summary>The page of the management listener in Chromium, before proxies of this process.</summary>
public sealed class ManagementPageTests
{
    private const string Chromium = "/usr/bin/chromium";
    private const float Patience = 120_000;

    [SkippableFact]
    public async Task A_person_sees_that_it_is_ready_and_what_clients_paid_with_and_the_browser_complains_of_nothing()
    {
        Skip.IfNot(File.Exists(Chromium), "chromium is absent");
        var management = FreePort();
        await using var proxy = ProxyHost.Build(configFile: null, _ => Settings(management));
        var urls = await ProxyHost.StartAsync(proxy, CancellationToken.None);
        await ConnectAsync(new Uri(urls[0]), "Preshared a-key-for-the-page");
        await ConnectAsync(new Uri(urls[0]), "Preshared wrong");
        await ShowAsync(management, async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("ready", new() { Timeout = Patience });
            await Assertions.Expect(page.Locator("#redemptions")).ToContainTextAsync("preshared_accepted", new() { Timeout = Patience });
            await Assertions.Expect(page.Locator("#redemptions")).ToContainTextAsync("wrong_preshared_key", new() { Timeout = Patience });
            await Assertions.Expect(page.Locator("#check-now")).ToHaveTextAsync("no checks yet");
            await Assertions.Expect(page.Locator("#store")).ToContainTextAsync("no nodes");
            await Assertions.Expect(page.Locator("#issuers")).ToContainTextAsync("no issuer");
            await Assertions.Expect(page.Locator("#chart .stall")).ToHaveCountAsync(1);
            await Assertions.Expect(page.Locator("#lost")).ToBeHiddenAsync();
            Assert.Empty(await page.Context.CookiesAsync());
        });
        await proxy.StopAsync();
    }

    [SkippableFact]
    public async Task A_person_sees_why_it_is_not_ready_and_which_node_is_down_and_that_it_has_gone()
    {
        Skip.IfNot(File.Exists(Chromium), "chromium is absent");
        var management = FreePort();
        var node = $"127.0.0.1:{FreePort()}";
        await using var proxy = ProxyHost.Build(configFile: null, _ => [.. Settings(management), new("PrivacyProxy:SpentTokens:Store", "Memcached"), new("PrivacyProxy:SpentTokens:Memcached:Servers:0", node)]);
        await ProxyHost.StartAsync(proxy, CancellationToken.None);
        await ShowAsync(management, async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("not ready", new() { Timeout = Patience });
            await Assertions.Expect(page.Locator("#missing li").First).ToBeVisibleAsync();
            await Assertions.Expect(page.Locator("#store .bad")).ToHaveTextAsync("down", new() { Timeout = Patience });
            await Assertions.Expect(page.Locator("#store")).ToContainTextAsync(node);
            await proxy.StopAsync();
            await Assertions.Expect(page.Locator("#lost")).ToBeVisibleAsync(new() { Timeout = Patience });
        }, leaves: true);
    }

    [SkippableFact]
    public async Task A_person_sees_a_node_that_stalls_for_40_ms_in_the_chart_and_what_it_held_up_in_a_trace()
    {
        Skip.IfNot(File.Exists(Chromium), "chromium is absent");
        Skip.IfNot(File.Exists(StalledNode.Memcached), "memcached is absent");
        await using var node = new StalledNode();
        await using var servers = new DemoServers();
        await servers.StartIssuerAsync(CancellationToken.None);
        var management = FreePort();
        await using var proxy = ProxyHost.Build(configFile: null, _ =>
        [
            .. Settings(management), new("PrivacyProxy:SpentTokens:Store", "Memcached"), new("PrivacyProxy:SpentTokens:Memcached:Servers:0", node.Address),
            new("PrivacyProxy:SpentTokens:Memcached:Deadline", "00:00:02"), new("PrivacyProxy:Egress:AllowPrivate", "true"), new("PrivacyProxy:Egress:AllowedPorts", "any"),
            new("PrivacyProxy:Issuers:0:Name", servers.Issuer.Authority), new("PrivacyProxy:Issuers:0:Directory", new Uri(servers.Issuer, PrivacyPass.Issuance.IssuerDirectory.WellKnownPath).ToString()),
        ]);
        var urls = await ProxyHost.StartAsync(proxy, CancellationToken.None);
        using var sources = new IssuerTokenSources(new TrustPolicy([]), NullLogger<IssuerTokenSources>.Instance);
        await using var relay = RelayServer.Start(new RelayOptions { Listen = "127.0.0.1:0", Proxies = [urls[0]], Issuers = [servers.Issuer.ToString()] }, sources, TimeProvider.System, NullLoggerFactory.Instance);
        using var origin = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        origin.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        origin.Listen();
        await ShowAsync(management, async page =>
        {
            await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("ready", new() { Timeout = Patience });
            var isSeen = page.WaitForFunctionAsync("() => Number((/p99 ([0-9.]+) ms/.exec(document.getElementById('check-now').textContent) || [])[1]) >= 30 && document.querySelector('#chart .p99')", null, new() { Timeout = Patience });
            while (!isSeen.IsCompleted) await ConnectAsync(new Uri($"http://{relay.EndPoint}"), "none", origin.LocalEndPoint!.ToString()!);
            await isSeen;
            await Assertions.Expect(page.Locator("#store .good")).ToHaveTextAsync("up");
            await page.Locator("#traces button").First.ClickAsync(new() { Timeout = Patience });
            await Assertions.Expect(page.Locator("#trace")).ToContainTextAsync("double_spend", new() { Timeout = Patience });
        }, name: "stall");
        await proxy.StopAsync();
    }

    private static KeyValuePair<string, string?>[] Settings(int management) =>
    [
        new("PrivacyProxy:Urls:0", "http://127.0.0.1:0"), new("PrivacyProxy:Management", $"http://127.0.0.1:{management}"),
        new("PrivacyProxy:Authentication:PresharedKeys:0", "a-key-for-the-page"), new("PrivacyProxy:Drain:Timeout", "00:00:00"),
    ];

    /// <summary>Opens the page, light and wide, then dark and narrow; pictures go where PAGE_PICTURES says, if it does.</summary>
    private static async Task ShowAsync(int management, Func<IPage, Task> look, bool leaves = false, string name = "")
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Headless = true, Timeout = Patience, Args = ["--no-sandbox", "--disable-gpu", "--no-first-run"] });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1100, Height = 900 } });
        var complaints = new List<string>();
        page.Console += (_, message) => { if (message.Type == "error" && !leaves) complaints.Add(message.Text); };
        page.PageError += (_, error) => complaints.Add(error);
        var answer = await page.GotoAsync($"http://127.0.0.1:{management}/", new PageGotoOptions { Timeout = Patience });
        Assert.StartsWith("default-src 'none'", (await answer!.AllHeadersAsync())["content-security-policy"], StringComparison.Ordinal);
        await look(page);
        await PictureAsync(page, $"wide-{leaves}{name}");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(360, 740);
        // Nothing sticks out of a telephone.
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await PictureAsync(page, $"narrow-{leaves}{name}");
        Assert.Empty(complaints);
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("PAGE_PICTURES") is { } folder) await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
    }

    private static async Task ConnectAsync(Uri proxy, string authorization, string authority = "127.0.0.1:443")
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Host, proxy.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nProxy-Authorization: {authorization}\r\n\r\n"));
        Assert.True(await socket.ReceiveAsync(new byte[100]) > 0);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
