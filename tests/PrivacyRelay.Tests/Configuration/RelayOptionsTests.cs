using System.ComponentModel.DataAnnotations;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;
using TransparencyLog.Notes;

namespace PrivacyRelay.Tests.Configuration;

public sealed class RelayOptionsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("relay-options-tests-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void One_proxy_and_its_issuer_are_enough() => Assert.Empty(Problems(_ => { }));

    [Theory]
    [InlineData("https://user:KEY@proxy.example")]
    [InlineData("https://KEY@proxy.example:8443/")]
    [InlineData("https://@proxy.example")]
    [InlineData("https://proxy.example/path")]
    [InlineData("https://proxy.example/?key=KEY")]
    [InlineData("https://proxy.example/#KEY")]
    [InlineData("ftp://proxy.example")]
    [InlineData("proxy.example:8443")]
    [InlineData("https://")]
    [InlineData("")]
    public void A_proxy_is_a_bare_url(string proxy) => Assert.Equal(["Proxies:0"], Problems(o => o.Proxies = [proxy]));

    [Theory]
    [InlineData("https://user:KEY@issuer.example")]
    [InlineData("issuer.example")]
    public void An_issuer_is_a_url_without_credentials(string issuer) => Assert.Equal(["Issuers:0"], Problems(o => o.Issuers = [issuer]));

    [Fact]
    public void A_proxy_is_paid_one_way_and_each_is_paid()
    {
        Assert.Equal(["PresharedKeys"], Problems(o => o.PresharedKeys = ["k"]));
        Assert.Equal(["Issuers"], Problems(o => o.Issuers = []));
        Assert.Equal(["Issuers"], Problems(o => o.Issuers = ["https://a.example", "https://b.example"]));
        Assert.Equal(["PresharedKeys"], Problems(o => (o.Issuers, o.PresharedKeys) = ([], ["k", "l"])));
        Assert.Equal(["PresharedKeys"], Problems(o => (o.Issuers, o.PresharedKeys) = ([], ["with space"])));
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var problems = Problems(o =>
        {
            (o.Listen, o.Proxies, o.ProxyCa, o.Geohash) = ("nowhere", ["https://a", "https://b", "https://c"], "/no/such/file.pem", "not a hint");
            (o.MaxConnections, o.MaxUdpAssociations, o.MaxUdpDestinations, o.TokensHigh) = (0, 65_537, 5000, 4);
            (o.HandshakeTimeout, o.ConnectTimeout, o.IdleTimeout, o.UdpIdleTimeout) = (TimeSpan.Zero, TimeSpan.FromDays(2), -TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(119));
        });
        Assert.Equal(
            ["ConnectTimeout", "Geohash", "HandshakeTimeout", "IdleTimeout", "Listen", "MaxConnections", "MaxUdpAssociations", "MaxUdpDestinations", "Proxies", "ProxyCa", "TokensLow", "UdpIdleTimeout"],
            problems.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Two_hops_share_one_issuer_or_have_one_each()
    {
        var options = Valid();
        options.Proxies = ["https://near.example", "https://far.example:8443"];
        Assert.All(options.Hops, hop => Assert.Equal(new Uri("https://issuer.example"), hop.Issuer));
        options.Issuers = ["https://a.example", "https://b.example"];
        Assert.Equal([("near.example", "a.example"), ("far.example", "b.example")], options.Hops.Select(hop => (hop.Proxy.Host, hop.Issuer!.Host)));
    }

    [Fact]
    public void Each_issuer_has_a_key_file_of_its_own_or_none()
    {
        var file = KeyFile("a-key-of-a-customer\n");
        var options = Valid();
        options.Proxies = ["https://near.example", "https://far.example:8443"];
        options.Issuers = ["https://a.example", "https://b.example"];
        options.IssuerKeyFiles = ["", file];
        Assert.Equal([null, file], options.Hops.Select(hop => hop.IssuerKeyFile));
        Assert.Empty(options.Validate(new ValidationContext(options)));
        options.IssuerKeyFiles = [file];
        Assert.Equal(["IssuerKeyFiles"], options.Validate(new ValidationContext(options)).SelectMany(result => result.MemberNames));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("two keys-of-a-customer")]
    [InlineData("a-key\nand-another")]
    [InlineData("schlüssel-of-a-customer")]
    public void A_file_without_one_key_is_refused_and_what_it_holds_is_not_shown(string text)
    {
        var options = Valid().With(o => o.IssuerKeyFiles = [KeyFile(text)]);
        var problem = Assert.Single(options.Validate(new ValidationContext(options)));
        Assert.Equal(["IssuerKeyFiles:0"], problem.MemberNames);
        if (text.Trim().Length > 0) Assert.DoesNotContain(text, problem.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_is_a_file_of_at_most_1024_characters_and_goes_nowhere_unencrypted()
    {
        Assert.Empty(Problems(o => o.IssuerKeyFiles = [KeyFile(new string('a', 16 * 1024) + "\r\n")]));
        Assert.Equal(["IssuerKeyFiles:0"], Problems(o => o.IssuerKeyFiles = [KeyFile(new string('a', (16 * 1024) + 1))]));
        Assert.Equal(["IssuerKeyFiles:0"], Problems(o => o.IssuerKeyFiles = [Path.Combine(_directory.FullName, "none")]));
        Assert.Equal(["IssuerKeyFiles:0"], Problems(o => o.IssuerKeyFiles = [_directory.FullName]));
        var file = KeyFile("a-key-of-a-customer");
        Assert.Equal(["IssuerKeyFiles:0"], Problems(o => (o.Issuers, o.IssuerKeyFiles) = (["http://issuer.example"], [file])));
        Assert.Empty(Problems(o => (o.Issuers, o.IssuerKeyFiles) = (["http://127.0.0.1:8090"], [file])));
    }

    [Fact]
    public void Auditors_and_the_keys_of_logs_come_together_and_are_keys()
    {
        using var log = NoteSigner.Generate("issuer.example/key-log", NoteKeyKind.Note);
        using var auditor = NoteSigner.Generate("auditor.example", NoteKeyKind.Cosignature);
        var (logKey, auditorKey) = (log.Key.ToString(), auditor.Key.ToString());
        Assert.Empty(Problems(o => (o.IssuerLogKeys, o.IssuerAuditors) = ([logKey], [auditorKey])));
        Assert.Equal(["IssuerAuditors"], Problems(o => o.IssuerLogKeys = [logKey]));
        Assert.Equal(["IssuerAuditors"], Problems(o => o.IssuerAuditors = [auditorKey]));
        Assert.Equal(["IssuerLogKeys:0"], Problems(o => (o.IssuerLogKeys, o.IssuerAuditors) = ([auditorKey], [auditorKey])));
        Assert.Equal(["IssuerAuditors:0"], Problems(o => (o.IssuerLogKeys, o.IssuerAuditors) = ([logKey], [logKey])));
        Assert.Equal(["IssuerAuditors"], Problems(o => (o.IssuerLogKeys, o.IssuerAuditors) = ([logKey], [auditorKey, auditorKey])));
        Assert.Equal(["IssuerAuditorQuorum"], Problems(o => (o.IssuerLogKeys, o.IssuerAuditors, o.IssuerAuditorQuorum) = ([logKey], [auditorKey], 2)));
        Assert.Equal(["IssuerLogKeys"], Problems(o => (o.IssuerLogKeys, o.IssuerAuditors) = ([logKey, logKey], [auditorKey])));
        Assert.Equal(["IssuerLogUrls:0"], Problems(o => (o.IssuerLogKeys, o.IssuerAuditors, o.IssuerLogUrls) = ([logKey], [auditorKey], ["ftp://log.example"])));

        var two = Valid().With(o => (o.Proxies, o.Issuers, o.IssuerLogKeys, o.IssuerAuditors) = (["https://near.example", "https://far.example"], ["https://a.example", "https://b.example"], ["", logKey], [auditorKey]));
        Assert.Equal(new Uri("https://b.example"), Assert.Single(two.IssuerLogs).Issuer);
        Assert.Equal((1, auditorKey), (two.IssuerLogs[0].Trust.Quorum, two.IssuerLogs[0].Trust.Cosigners[0].ToString()));
    }

    private string KeyFile(string text)
    {
        var file = Path.Combine(_directory.FullName, "key");
        File.WriteAllText(file, text);
        return file;
    }

    private static RelayOptions Valid() => new() { Proxies = ["https://proxy.example:8443"], Issuers = ["https://issuer.example"] };

    private static IEnumerable<string> Problems(Action<RelayOptions> change)
    {
        var options = Valid().With(change);
        var attributes = new List<ValidationResult>();
        foreach (var property in typeof(RelayOptions).GetProperties())
            Validator.TryValidateProperty(property.GetValue(options), new ValidationContext(options) { MemberName = property.Name }, attributes);
        return [.. attributes.Concat(options.Validate(new ValidationContext(options))).SelectMany(result => result.MemberNames)];
    }
}
