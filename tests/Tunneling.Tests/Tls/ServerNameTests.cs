using System.Security.Cryptography.X509Certificates;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class ServerNameTests
{
    private static readonly TestAuthority _authority = new();

    [Theory]
    [InlineData("a.example", "first")]
    [InlineData("A.Example", "first")]
    [InlineData("b.example", "second")]
    [InlineData("x.wild.example", "third")]
    [InlineData("own.wild.example", "second")]
    [InlineData("x.y.wild.example", "first")]
    [InlineData("wild.example", "first")]
    [InlineData("unknown.example", "first")]
    [InlineData("127.0.0.1", "first")]
    public async Task The_name_chooses_the_certificate(string name, string expected)
    {
        var certificates = new Dictionary<string, X509Certificate2>(StringComparer.Ordinal)
        {
            ["first"] = _authority.Issue(["a.example"]),
            ["second"] = _authority.Issue(["b.example", "own.wild.example"]),
            ["third"] = _authority.Issue(["*.wild.example"]),
        };
        using var server = new TlsTestServer(new TlsServerContext(new TlsServerOptions(), [.. certificates.Values.Select(static one => TlsCertificate.From(one))]));
        Assert.Equal(certificates[expected].Thumbprint, await Shown(server, name));
    }

    [SkippableTheory]
    [InlineData("ECDSA", "-sigalgs", "ecdsa_secp256r1_sha256")]
    [InlineData("RSA", "-sigalgs", "rsa_pss_rsae_sha256")]
    public async Task Of_two_kinds_of_key_the_client_gets_the_one_it_can_verify(string expected, params string[] arguments)
    {
        var certificates = new[] { _authority.Issue(["other.example"]), _authority.Issue(["both.example"], rsa: true), _authority.Issue(["both.example"]) };
        using var server = new TlsTestServer(new TlsServerContext(new TlsServerOptions(), [.. certificates.Select(static one => TlsCertificate.From(one))]));
        var serving = server.Serve(end => end.Handshake());
        var said = await Tool.SClient(server.Port, ["-servername", "both.example", .. arguments]);
        Assert.Equal(TlsStatus.Done, await serving);
        Assert.Contains(expected == "RSA" ? "Peer signature type: RSA" : "Peer signature type: ECDSA", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_from_then_on_and_drops_nobody()
    {
        var (old, renewed) = (_authority.Issue(), _authority.Issue());
        using var server = new TlsTestServer(new TlsServerContext(new TlsServerOptions(), TlsCertificate.From(old)));
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            return end.ReadToEnd();
        });
        await using var before = await server.ConnectAsync();
        server.Context.Use(TlsCertificate.From(renewed));
        // What the old one was made from is gone by now, unless the session keeps it.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(renewed.Thumbprint, await Shown(server, "localhost"));
        Assert.Equal(old.Thumbprint, new X509Certificate2(before.RemoteCertificate!).Thumbprint);
        await before.WriteAsync("still here"u8.ToArray());
        await before.ShutdownAsync();
        var (data, end) = await serving;
        Assert.Equal("still here"u8.ToArray(), data);
        Assert.Equal(TlsStatus.EndOfStream, end);
    }

    [Fact]
    public void A_certificate_that_cannot_be_used_leaves_the_old_one()
    {
        var good = _authority.Issue();
        using var context = new TlsServerContext(new TlsServerOptions(), TlsCertificate.From(good));
        Assert.Throws<ArgumentException>(() => context.Use());
        using var pair = new TlsPair(context);
        pair.Handshake();
    }

    [Fact]
    public async Task Certificates_change_under_handshakes_of_other_threads()
    {
        var certificates = new[] { _authority.Issue(["a.example"]), _authority.Issue(["b.example"]), _authority.Issue(["localhost"]) };
        using var context = new TlsServerContext(new TlsServerOptions(), TlsCertificate.From(certificates[0]));
        using var stop = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++) context.Use([.. certificates.Skip(i % 3).Select(static one => TlsCertificate.From(one))]);
        });
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 300; i++)
            {
                using var pair = new TlsPair(context, i % 2 == 0 ? TlsVersion.Tls12 : TlsVersion.Tls13);
                pair.Handshake();
            }
        })));
        await stop.CancelAsync();
        await changing;
    }

    private static async Task<string> Shown(TlsTestServer server, string name)
    {
        var serving = server.Serve(end => end.Handshake());
        await using var client = await server.ConnectAsync(options => options.TargetHost = name);
        Assert.Equal(TlsStatus.Done, await serving);
        return new X509Certificate2(client.RemoteCertificate!).Thumbprint;
    }
}
