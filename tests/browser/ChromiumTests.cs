using Microsoft.Playwright;
using PrivacyProxy.Commands.Demo;

namespace Browser.Tests;

/// <summary>Chromium, the relay, the proxy, the issuer and a TLS origin: the real ones, as the demo command puts them together.</summary>
public sealed class ChromiumTests
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>Milliseconds; a first start on a slow machine takes long.</summary>
    private const float Patience = 120_000;

    [SkippableTheory]
    [InlineData("socks5")]
    [InlineData("http")]
    public async Task Chromium_loads_a_tls_page_through_the_relay_paid_with_a_token(string scheme)
    {
        Skip.IfNot(File.Exists(Chromium), "chromium is absent");
        using var redemptions = new RedemptionCounter();
        await using var servers = new DemoServers();
        await servers.StartIssuerAsync(CancellationToken.None);
        await servers.StartProxyAsync(CancellationToken.None);
        await servers.StartOriginAsync(CancellationToken.None);
        servers.StartRelay();
        await DemoReadiness.WaitAsync(servers);
        var profile = Directory.CreateTempSubdirectory("privacy-proxy-chromium-");
        try
        {
            var screenshot = await LoadAsync($"{scheme}://{servers.Relay}", servers.Origin, profile.FullName);

            var png = Png.Read(screenshot);
            Assert.Equal((800, 600), (png.Width, png.Height));
            Assert.All(new[] { (10, 10), (400, 200), (790, 390) }, at => Assert.Equal(DemoOrigin.BlockColor, png.Color(at.Item1, at.Item2)));
            Assert.Equal("#ffffff", png.Color(790, 590));
            Assert.True(redemptions.Accepted > 0, "The page was loaded, but no token was redeemed: Chromium went past the proxy.");
        }
        finally
        {
            Delete(profile);
        }
    }

    private static void Delete(DirectoryInfo profile)
    {
        try
        {
            profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process of Chromium's that ends a moment later still wrote to it: the system's temporary folder keeps the rest.
        }
    }

    private static async Task<byte[]> LoadAsync(string proxy, Uri url, string profile)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchPersistentContextAsync(profile, new BrowserTypeLaunchPersistentContextOptions
        {
            ExecutablePath = Chromium,
            Headless = true,
            Timeout = Patience,
            IgnoreHTTPSErrors = true,
            ViewportSize = new ViewportSize { Width = 800, Height = 600 },
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
                // Chromium does not send loopback through a proxy unless told to.
                $"--proxy-server={proxy}", "--proxy-bypass-list=<-loopback>",
            ],
        });
        var page = await browser.NewPageAsync();
        var answer = await page.GotoAsync(url.ToString(), new PageGotoOptions { Timeout = Patience });
        Assert.Equal(200, answer!.Status);
        Assert.Equal(DemoOrigin.Text, await page.Locator("#text").TextContentAsync());
        return await page.ScreenshotAsync();
    }
}
