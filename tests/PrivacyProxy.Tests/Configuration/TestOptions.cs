using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;

namespace PrivacyProxy.Tests.Configuration;

/// <summary>The proxy's options, read from keys as production reads them.</summary>
internal sealed class TestOptions(IConfiguration configuration) : IDisposable
{
    public LiveOptions<ProxyOptions> Live { get; } = new(configuration, ProxyOptions.Section, NullLogger<LiveOptions<ProxyOptions>>.Instance);

    /// <param name="settings">Keys below <c>PrivacyProxy</c>.</param>
    public static TestOptions Of(params IEnumerable<(string Key, string Value)> settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(static pair => $"{ProxyOptions.Section}:{pair.Key}", static pair => (string?)pair.Value)).Build());

    /// <summary>Who a proxy without issuers is.</summary>
    public static ProxyIdentity Identity() => new(Of(("Authentication:Required", "false")).Live);

    /// <summary>One feature's section.</summary>
    public LiveSection<ProxyOptions, T> Of<T>(Func<ProxyOptions, T> select) where T : class => new(Live, select);

    public void Dispose() => Live.Dispose();
}
