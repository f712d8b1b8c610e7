using System.Net;
using PrivacyProxy.Configuration;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Places;
using PrivacyProxy.Tests.Configuration;

namespace PrivacyProxy.Tests.Egress.Places;

public sealed class ClientPlacesTests : IDisposable
{
    private const string Secret = "what the two hops share, and nobody else";

    private static readonly IPAddress _inJapan = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress _elsewhere = IPAddress.Parse("203.0.113.1");

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();

    public ClientPlacesTests() => File.WriteAllText(_directory.File("places"), "192.0.2.0/24,xn76c-JP\n");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Without_settings_a_client_says_where_it_is()
    {
        var places = Places();
        Assert.Equal("u33d-DE", places.Of(_inJapan, "u33d-DE"));
        Assert.Null(places.Of(_inJapan, null));
        Assert.Null(places.Tell("u33d-DE"));
    }

    [Fact]
    public void The_table_speaks_for_those_who_say_nothing_or_nonsense()
    {
        var places = Places(("File", Table));
        Assert.Equal("xn76c-JP", places.Of(_inJapan, null));
        Assert.Equal("xn76c-JP", places.Of(_inJapan, "nonsense"));
        Assert.Equal("u33d-DE", places.Of(_inJapan, "u33d-DE"));
        Assert.Null(places.Of(_elsewhere, null));
        Assert.Null(places.Of(null, null));
    }

    [Fact]
    public void Where_clients_may_not_choose_what_they_say_is_removed()
    {
        var places = Places(("File", Table), ("ClientsChoose", "false"));
        Assert.Equal("xn76c-JP", places.Of(_inJapan, "u33d-DE"));
        Assert.Null(places.Of(_elsewhere, "u33d-DE"));
    }

    [Fact]
    public void What_the_first_hop_tells_the_second_believes_for_a_day_or_two_and_nothing_else()
    {
        var first = Places(("File", Table), ("ClientsChoose", "false"), ("TellClients", "true"), ("Secret", Secret));
        var second = Places(("ClientsChoose", "false"), ("Secret", Secret));
        var told = first.Tell(first.Of(_inJapan, null))!;

        Assert.Equal("xn76c-JP", second.Of(_elsewhere, told));
        // The same for all who are there.
        Assert.Equal(told, first.Tell(first.Of(IPAddress.Parse("192.0.2.77"), null)));
        foreach (var forged in new[] { "xn76c-JP", told.Replace("xn76c", "xn76b"), told[..^1], told + "0", told.Replace("proof=", "proof=0"), "u33d-DE" + told["xn76c-JP".Length..], told + told, ";proof=" })
            Assert.Null(second.Of(_elsewhere, forged));
        Assert.Null(Places(("ClientsChoose", "false"), ("Secret", "what some other two hops share, perhaps")).Of(_elsewhere, told));

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("xn76c-JP", second.Of(_elsewhere, told));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(second.Of(_elsewhere, told));
    }

    [Fact]
    public void A_proof_does_not_disturb_a_proxy_where_clients_choose()
    {
        var told = Places(("File", Table), ("TellClients", "true"), ("Secret", Secret)).Tell("xn76c-JP");
        var source = EgressSetup.Pools(new PoolOptions { Geohash = "xn76", Addresses = ["127.0.0.3"] }).Choose(Places().Of(_elsewhere, told));
        Assert.Equal(IPAddress.Parse("127.0.0.3"), source.Pick(System.Net.Sockets.AddressFamily.InterNetwork));
    }

    [Fact]
    public void A_file_that_cannot_be_used_a_short_secret_and_nothing_to_tell_are_named()
    {
        File.WriteAllText(_directory.File("bad"), "192.0.2.0/24\n");
        Assert.Contains("Egress:Places:File is \"/no/such\": expected a file of lines such as 192.0.2.0/24,xn76c-JP (it cannot be read)", Fault(("File", "/no/such")), StringComparison.Ordinal);
        Assert.Contains("(line 1 ", Fault(("File", _directory.File("bad"))), StringComparison.Ordinal);
        Assert.Contains("Egress:Places:Secret is \"***\"", Fault(("Secret", "short")), StringComparison.Ordinal);
        Assert.Contains("Egress:Places:TellClients is \"True\"", Fault(("TellClients", "true"), ("ClientsChoose", "false")), StringComparison.Ordinal);
    }

    private string Table => _directory.File("places");

    private ClientPlaces Places(params (string Key, string Value)[] settings)
    {
        using var options = TestOptions.Of(Keys(settings));
        var egress = options.Live.Value.Egress;
        return new ClientPlaces(Microsoft.Extensions.Options.Options.Create(egress), _time);
    }

    private static string Fault(params (string Key, string Value)[] settings) =>
        Assert.Throws<InvalidConfigurationException>(() => TestOptions.Of(Keys(settings)).Dispose()).Message;

    private static (string, string)[] Keys((string Key, string Value)[] settings) =>
        [("Authentication:Required", "false"), .. settings.Select(static setting => ("Egress:Places:" + setting.Key, setting.Value))];
}
