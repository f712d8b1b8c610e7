using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.Tests.SpentTokens;

/// <summary>The stores as an application without the proxy takes them.</summary>
public sealed class AddSpentTokensTests
{
    private static readonly long _expires = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();

    private static async Task<IHost> StartAsync(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        configure(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<SpendOutcome[]> SpendTwiceAsync(IHost host)
    {
        var store = host.Services.GetRequiredService<ISpentTokenStore>();
        var token = new SpentToken(new SpentTokenKey(Enumerable.Repeat((byte)7, SpentTokenKey.Size).ToArray()), default, _expires);
        return [await store.SpendAsync(token, default), await store.SpendAsync(token, default)];
    }

    [Fact]
    public async Task Without_a_word_tokens_are_remembered_in_the_process()
    {
        using var host = await StartAsync(static services => services.AddSpentTokens());
        Assert.Equal([SpendOutcome.Fresh, SpendOutcome.AlreadySpent], await SpendTwiceAsync(host));
        Assert.Equal("memory", host.Services.GetRequiredService<ISpentTokenStore>().Name);
    }

    [Fact]
    public async Task A_file_remembers_what_was_spent_before_the_last_start()
    {
        using var directory = new TemporaryDirectory();
        void Configure(IServiceCollection services) => services.AddSpentTokens(options => (options.Store, options.Sqlite.File) = (SpentTokenStoreKind.Sqlite, directory.File("spent.db")));
        using (var host = await StartAsync(Configure)) Assert.Equal([SpendOutcome.Fresh, SpendOutcome.AlreadySpent], await SpendTwiceAsync(host));
        using (var host = await StartAsync(Configure)) Assert.Equal([SpendOutcome.AlreadySpent, SpendOutcome.AlreadySpent], await SpendTwiceAsync(host));
    }

    [Fact]
    public async Task A_file_in_use_is_named_with_the_reason()
    {
        using var directory = new TemporaryDirectory();
        void Configure(IServiceCollection services) => services.AddSpentTokens(options => (options.Store, options.Sqlite.File, options.Sqlite.BusyTimeout) = (SpentTokenStoreKind.Sqlite, directory.File("spent.db"), TimeSpan.Zero));
        using var first = await StartAsync(Configure);
        _ = first.Services.GetRequiredService<ISpentTokenStore>();
        using var second = await StartAsync(Configure);
        var problem = Assert.Throws<SpentTokenFileException>(second.Services.GetRequiredService<ISpentTokenStore>);
        Assert.Contains(directory.File("spent.db"), problem.Message, StringComparison.Ordinal);
        Assert.Equal("another process has locked it", problem.Reason);
    }

    [Theory]
    [InlineData(SpentTokenStoreKind.Sqlite, 1000, "Sqlite:File")]
    [InlineData(SpentTokenStoreKind.Memcached, 1000, "Memcached:Servers")]
    [InlineData(SpentTokenStoreKind.Memory, 1, "Capacity")]
    public async Task Options_that_cannot_be_used_end_the_start(SpentTokenStoreKind store, long capacity, string key)
    {
        var problem = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(services => services.AddSpentTokens(options => (options.Store, options.Capacity) = (store, capacity))));
        Assert.Contains(key, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_options_of_a_server_list_are_looked_at_too()
    {
        var problem = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(static services => services.AddSpentTokens(static options =>
        {
            options.Store = SpentTokenStoreKind.Memcached;
            options.Memcached.Servers = ["nonsense"];
            options.Memcached.Tls.CertificateKey = "key.pem";
        })));
        Assert.Contains("Memcached:Servers:0", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Memcached:Tls:CertificateKey", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_readmes_lines_ask_for_memcached()
    {
        ServiceCollection services = [];
        // <example>
        services.AddSpentTokens(options =>
        {
            options.Store = SpentTokenStoreKind.Memcached;
            options.Memcached.Servers = ["10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211"];
            options.Memcached.Replicas = 3;
        });
        // </example>
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(3, provider.GetRequiredService<IOptions<SpentTokenStoreOptions>>().Value.Memcached.Replicas);
    }

    [SkippableFact]
    public void The_readme_shows_the_code_of_this_test()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var example = Lines("tests/PrivacyProxy.Tests/SpentTokens/AddSpentTokensTests.cs").SkipWhile(static line => line != "// <example>").Skip(1).TakeWhile(static line => line != "// </example>").ToList();
        Assert.NotEmpty(example);
        Assert.Equal(example, Lines("src/PrivacyPass.SpentTokens/README.md").SkipWhile(static line => line != "```csharp").Skip(1).TakeWhile(static line => line != "```"));
    }

    private static IEnumerable<string> Lines(string file) => File.ReadLines(Path.Combine(Product.RepositoryRoot!, file)).Select(static line => line.Trim());
}
