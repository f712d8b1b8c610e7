using System.Text;
using Microsoft.Extensions.Configuration;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>Configuration in pages passes the proxy's own reader, with nothing beside it but an issuer.</summary>
public sealed class ConfigurationBlockTests
{
    internal const string Pools = "{ \"PrivacyProxy\": { \"Egress\": { \"Pools\"";
    internal const string FirstHop = "{ \"PrivacyProxy\": { \"Name\": \"a.example\"";
    internal const string Otlp = "PrivacyProxy__Telemetry__Otlp__Endpoint=http://127.0.0.1:4317";

    [SkippableFact]
    public void The_pools_are_taken_as_written()
    {
        var pools = Read(builder => builder.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(DocumentPages.Block("docs/egress.md", Pools).Text)))).Egress.Pools;
        Assert.Equal([null, "xn76", null], pools.Select(static pool => pool.Geohash));
        Assert.Equal([null, "JP", "JP"], pools.Select(static pool => pool.Country));
        Assert.Equal(["203.0.113.10", "2001:db8::10"], pools[1].Addresses);
    }

    [SkippableFact]
    public void The_first_of_two_hops_is_taken_as_written()
    {
        var options = Read(builder => builder.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(DocumentPages.Block("docs/egress.md", FirstHop).Text))));
        Assert.Equal(["b.example:443"], options.Egress.AllowedDestinations);
        Assert.False(options.Forwarding.Enabled);
    }

    [SkippableFact]
    public void The_collectors_are_taken_as_written()
    {
        var lines = DocumentPages.Block("docs/operators.md", Otlp).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        foreach (var line in lines)
        {
            // As the environment has them.
            var settings = line.Split(' ').Select(static setting => setting.Split('=', 2)).ToDictionary(static pair => pair[0].Replace("__", ":", StringComparison.Ordinal), static pair => (string?)pair[1]);
            var otlp = Read(builder => builder.AddInMemoryCollection(settings)).Telemetry.Otlp;
            Assert.Equal(settings["PrivacyProxy:Telemetry:Otlp:Endpoint"], otlp.Endpoint);
            if (settings.Count > 1) Assert.Equal("x-api-key=...", otlp.Headers);
        }
    }

    private static ProxyOptions Read(Action<ConfigurationBuilder> add)
    {
        var builder = new ConfigurationBuilder();
        builder.AddInMemoryCollection([new("PrivacyProxy:Issuers:0:Name", "issuer.example"), new("PrivacyProxy:Issuers:0:Directory", "https://issuer.example/")]);
        add(builder);
        return OptionsReader.Read<ProxyOptions>(builder.Build().GetSection("PrivacyProxy"));
    }
}
