using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.DeploymentTests.Reloading;

/// <summary>Settings, keys and certificates change under a proxy at work; a real process is told by a signal or finds out by itself.</summary>
public sealed class ReloadTests
{
    private readonly TestAuthority _root = new();

    [Theory]
    [InlineData("Kestrel")]
    [InlineData("Native")]
    public async Task On_SIGHUP_keys_policy_log_levels_and_the_certificate_are_new_and_the_open_tunnel_goes_on(string engine)
    {
        await using var origin = TcpOrigin.Echo();
        var port = origin.Port.ToString(CultureInfo.InvariantCulture);
        var intermediate = _root.Intermediate("Intermediate");
        using var first = _root.Issue();
        using var second = intermediate.Issue();
        await using var proxy = new ConfiguredProxy();
        proxy.WriteCertificate(first);
        proxy.WriteSettings("old-key", port);
        await proxy.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__Listeners__Engine"] = engine });
        using var open = await ConfiguredProxy.OpenAsync(proxy.Plain, "old-key", origin.Authority);
        Assert.Equal(200, open.Status);
        Assert.Equal((first.Thumbprint, 0, true), await proxy.ShownAsync());

        proxy.WriteCertificate(second, intermediate);
        proxy.WriteSettings("new-key", "443", "Debug");
        proxy.HangUp();
        await proxy.ReloadsAsync("applied", 1);

        Assert.Equal("still here", await open.EchoAsync("still here"));
        Assert.Equal((second.Thumbprint, 1, true), await proxy.ShownAsync());
        Assert.Equal(407, await proxy.ConnectAsync("old-key", origin.Authority));
        await proxy.Child.WaitForErrorsAsync("Refused with 407", 1); // said at Debug alone
        Assert.Equal(403, await proxy.ConnectAsync("new-key", origin.Authority)); // a port that is not allowed any more
        // It would be drained.
        open.Dispose();
        Assert.Equal(0, await proxy.Child.TerminateAsync());
    }

    [Fact]
    public async Task Of_a_reload_with_one_bad_file_nothing_is_applied_it_is_named_and_counted_and_the_mended_one_is_found_without_a_signal()
    {
        await using var origin = TcpOrigin.Echo();
        var port = origin.Port.ToString(CultureInfo.InvariantCulture);
        using var good = _root.Issue();
        using var expired = _root.Issue(expired: true);
        using var next = _root.Issue();
        await using var proxy = new ConfiguredProxy();
        proxy.WriteCertificate(good);
        proxy.WriteSettings("old-key", port);
        await proxy.StartAsync();

        proxy.WriteCertificate(expired);
        proxy.WriteSettings("new-key", port);
        await proxy.ReloadsAsync("refused", 1);
        await proxy.Child.WaitForErrorsAsync($"{proxy.Certificate}\": expected a PEM file whose first certificate has not expired", 1);
        Assert.Equal(200, await proxy.ConnectAsync("old-key", origin.Authority));
        Assert.Equal(407, await proxy.ConnectAsync("new-key", origin.Authority));
        Assert.Equal(good.Thumbprint, (await proxy.ShownAsync()).Thumbprint);

        proxy.WriteCertificate(next);
        await proxy.ReloadsAsync("applied", 1);
        Assert.Equal(200, await proxy.ConnectAsync("new-key", origin.Authority));
        Assert.Equal(next.Thumbprint, (await proxy.ShownAsync()).Thumbprint);
    }

    [Theory]
    [InlineData("""{ "PrivacyProxy": { "Authentication": { "PresharedKeys": ["new-key"] """, "expected a readable JSON file")]
    [InlineData("""{ "PrivacyProxy": { "Authentication": { "PresharedKeys": ["new-key"] }, "Tunnels": { "IdleTimeout": "soon" } } }""", "PrivacyProxy:Tunnels:IdleTimeout is \"soon\"")]
    [InlineData("""{ "PrivacyProxy": { "Authentication": { "PresharedKeys": ["new-key"] } }, "Logging": { "LogLevel": { "Default": "Loud" } } }""", "Logging is not set: expected what .NET's logging can use")]
    [InlineData(null, "settings.json\": expected a file that exists")]
    public async Task Invalid_settings_change_nothing(string? settings, string complaint)
    {
        await using var origin = TcpOrigin.Echo();
        using var certificate = _root.Issue();
        await using var proxy = new ConfiguredProxy();
        proxy.WriteCertificate(certificate);
        proxy.WriteSettings("old-key", "any");
        await proxy.StartAsync();

        if (settings is null) File.Delete(proxy.Settings);
        else await File.WriteAllTextAsync(proxy.Settings, settings);
        proxy.HangUp();
        await proxy.ReloadsAsync("refused", 1);
        await proxy.Child.WaitForErrorsAsync(complaint, 1);
        Assert.Equal(200, await proxy.ConnectAsync("old-key", origin.Authority));
        Assert.Equal(407, await proxy.ConnectAsync("new-key", origin.Authority));
    }

    [Fact]
    public async Task Source_addresses_and_places_change_with_their_files_under_an_open_tunnel_and_wrong_ones_are_refused()
    {
        var sources = new ConcurrentQueue<string>();
        await using var origin = new TcpOrigin(async (socket, stop) =>
        {
            sources.Enqueue(((IPEndPoint)socket.RemoteEndPoint!).Address.ToString());
            var buffer = new byte[64];
            while (await socket.ReceiveAsync(buffer, stop) is var read and > 0) await TcpOrigin.SendAsync(socket, buffer.AsMemory(0, read), stop);
        });
        using var certificate = _root.Issue();
        await using var proxy = new ConfiguredProxy();
        proxy.WriteCertificate(certificate);
        var places = Path.Combine(proxy.Folder, "places.csv");
        ConfiguredProxy.Write(places, "127.0.0.0/8,u33d-DE\n");
        Write("127.0.0.2");
        await proxy.StartAsync();
        using var open = await ConfiguredProxy.OpenAsync(proxy.Plain, "key", origin.Authority);
        Assert.Equal("first", await open.EchoAsync("first"));

        Write("127.0.0.3");
        await proxy.ReloadsAsync("applied", 1);
        Assert.Equal("still here", await open.EchoAsync("still here"));
        using var next = await ConfiguredProxy.OpenAsync(proxy.Plain, "key", origin.Authority);
        Assert.Equal("second", await next.EchoAsync("second"));

        Write("127.0.0.400");
        await proxy.ReloadsAsync("refused", 1);
        await proxy.Child.WaitForErrorsAsync("PrivacyProxy:Egress:Pools:0:Addresses:0 is \"127.0.0.400\": expected an IPv4 or IPv6 address of this machine", 1);
        using var last = await ConfiguredProxy.OpenAsync(proxy.Plain, "key", origin.Authority);
        Assert.Equal("third", await last.EchoAsync("third"));

        Write("127.0.0.3");
        await proxy.ReloadsAsync("applied", 2);
        ConfiguredProxy.Write(places, "127.0.0.0/8,xn76c-JP\n");
        await proxy.ReloadsAsync("applied", 3);
        using var moved = await ConfiguredProxy.OpenAsync(proxy.Plain, "key", origin.Authority);
        Assert.Equal("fourth", await moved.EchoAsync("fourth"));

        ConfiguredProxy.Write(places, "127.0.0.0/8,u33d-DE\n192.0.2.0/24,nowhere\n");
        await proxy.ReloadsAsync("refused", 2);
        await proxy.Child.WaitForErrorsAsync("Places:File is", 1);
        await proxy.Child.WaitForErrorsAsync("line 2 has no hint", 1);
        using var same = await ConfiguredProxy.OpenAsync(proxy.Plain, "key", origin.Authority);
        Assert.Equal("fifth", await same.EchoAsync("fifth"));
        Assert.Equal("still here too", await open.EchoAsync("still here too"));
        Assert.Equal(["127.0.0.2", "127.0.0.3", "127.0.0.3", "127.0.0.4", "127.0.0.4"], sources);

        void Write(string source) => proxy.WriteSettings(
            "key", "any", more: $$""", "Places": { "File": "{{places}}" }, "Pools": [{ "Addresses": ["{{source}}"] }, { "Country": "JP", "Addresses": ["127.0.0.4"] }]""");
    }

    [Fact]
    public async Task A_link_that_leads_elsewhere_is_a_change_as_Kubernetes_and_certbot_make_it()
    {
        using var first = _root.Issue();
        using var second = _root.Issue();
        await using var proxy = new ConfiguredProxy();
        var folder = proxy.Folder;
        var written = DateTime.UtcNow;
        foreach (var (name, certificate) in new[] { ("one", first), ("two", second) })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            foreach (var (file, content) in new[] { ("chain.pem", certificate.ExportCertificatePem()), ("key.pem", certificate.KeyPem()) })
            {
                // Of one size and one time, as they may be when they are written within a tick of the system's clock.
                var path = Path.Combine(folder, name, file);
                await File.WriteAllTextAsync(path, content.PadRight(4096, '\n'));
                File.SetLastWriteTimeUtc(path, written);
            }
        }

        File.CreateSymbolicLink(Path.Combine(folder, "..data"), "one");
        File.CreateSymbolicLink(proxy.Certificate, "..data/chain.pem");
        File.CreateSymbolicLink(proxy.Key, "..data/key.pem");
        proxy.WriteSettings("key", "any");
        await proxy.StartAsync();
        Assert.Equal(first.Thumbprint, (await proxy.ShownAsync()).Thumbprint);

        File.CreateSymbolicLink(Path.Combine(folder, "..new"), "two");
        // .NET renames no link to a folder over another.
        Assert.Equal(0, (await ChildProcess.RunAsync("mv", ["-T", Path.Combine(folder, "..new"), Path.Combine(folder, "..data")])).ExitCode);
        await proxy.ReloadsAsync("applied", 1);
        Assert.Equal(second.Thumbprint, (await proxy.ShownAsync()).Thumbprint);
    }

    [Fact]
    public async Task Files_of_the_credentials_folder_are_settings_and_read_again_too()
    {
        await using var origin = TcpOrigin.Echo();
        using var certificate = _root.Issue();
        using var credentials = new TemporaryDirectory();
        await using var proxy = new ConfiguredProxy();
        proxy.WriteCertificate(certificate);
        proxy.WriteSettings("in-the-file", "any");
        // Over the file, below the environment.
        await File.WriteAllTextAsync(credentials.File("PrivacyProxy__Authentication__PresharedKeys__0"), "one\n");
        await File.WriteAllTextAsync(credentials.File("tls.key"), "for a setting that names a file");
        await proxy.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["CREDENTIALS_DIRECTORY"] = credentials.Path });
        Assert.Equal(200, await proxy.ConnectAsync("one", origin.Authority));
        Assert.Equal(407, await proxy.ConnectAsync("in-the-file", origin.Authority));

        await File.WriteAllTextAsync(credentials.File("PrivacyProxy__Authentication__PresharedKeys__0"), "another\n");
        await proxy.ReloadsAsync("applied", 1);
        Assert.Equal(200, await proxy.ConnectAsync("another", origin.Authority));
        Assert.DoesNotContain("another", proxy.Child.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allowed_destinations_and_authorities_of_clients_change_while_tunnels_are_up_which_go_on()
    {
        await using var one = TcpOrigin.Echo();
        await using var other = TcpOrigin.Echo();
        var (authority, successor) = (new TestAuthority("One"), new TestAuthority("Another"));
        using var server = _root.Issue();
        using var client = authority.Issue(forClients: true);
        using var newcomer = successor.Issue(forClients: true);
        await using var proxy = new ConfiguredProxy();
        var authorities = Path.Combine(proxy.Folder, "clients.pem");
        proxy.WriteCertificate(server);
        ConfiguredProxy.Write(authorities, authority.Pem);
        Allow(one.Authority);
        await proxy.StartAsync();
        using var byKey = await ConfiguredProxy.OpenAsync(proxy.Plain, "key", one.Authority);
        using var byCertificate = await proxy.OpenAsync(client, one.Authority);
        Assert.Equal((200, 200), (byKey.Status, byCertificate.Status));
        Assert.Equal(403, await proxy.ConnectAsync("key", other.Authority));

        Allow(other.Authority);
        await proxy.ReloadsAsync("applied", 1);
        Assert.Equal((403, 200), (await proxy.ConnectAsync("key", one.Authority), await proxy.ConnectAsync("key", other.Authority)));
        await GoOnAsync();

        // The file alone has changed, and not what names it.
        ConfiguredProxy.Write(authorities, successor.Pem);
        await proxy.ReloadsAsync("applied", 2);
        Assert.Equal((407, 200), (await StatusAsync(client), await StatusAsync(newcomer)));
        await GoOnAsync();

        ConfiguredProxy.Write(authorities, "no certificate");
        await proxy.ReloadsAsync("refused", 1);
        await proxy.Child.WaitForErrorsAsync($"ClientCertificates:Authorities:0 is \"{authorities}\": expected a PEM file with certificates of authorities", 1);
        Allow("not a destination");
        await proxy.ReloadsAsync("refused", 2);
        Assert.Equal((407, 200), (await StatusAsync(client), await StatusAsync(newcomer)));
        Assert.Equal((403, 200), (await proxy.ConnectAsync("key", one.Authority), await proxy.ConnectAsync("key", other.Authority)));
        await GoOnAsync();

        void Allow(string destination) => ConfiguredProxy.Write(proxy.Settings, $$"""
            {
              "PrivacyProxy": {
                "Authentication": { "PresharedKeys": ["key"], "ClientCertificates": { "Use": "Accepted", "Authorities": ["{{authorities}}"] } },
                "Egress": { "AllowPrivate": true, "AllowedPorts": "any", "AllowedDestinations": ["{{destination}}"] },
                "Tls": { "Certificate": "{{proxy.Certificate}}", "CertificateKey": "{{proxy.Key}}" }
              }
            }
            """);

        async Task<int> StatusAsync(X509Certificate2 certificate)
        {
            using var tunnel = await proxy.OpenAsync(certificate, other.Authority);
            return tunnel.Status;
        }

        async Task GoOnAsync()
        {
            Assert.Equal("still here", await byKey.EchoAsync("still here"));
            Assert.Equal("and here", await byCertificate.EchoAsync("and here"));
        }
    }
}
