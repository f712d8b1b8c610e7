using System.CommandLine;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Once;
using PrivacyProxy.LoadTests.Settings;
using PrivacyProxy.LoadTests.Tunnels;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>Settings of load tests are read and refused as the product's are.</summary>
public sealed class ScenarioFlagsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static T Read<T>(string scenario, params string[] arguments) where T : class, new()
    {
        var flags = new ScenarioFlags<T>(scenario);
        var command = new RootCommand();
        flags.AddTo(command);
        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return flags.Read(parsed);
    }

    [Fact]
    public void Flags_are_read_and_what_is_not_given_keeps_its_default()
    {
        var settings = Read<OnceSettings>("once", "--store", "sqlite", "--tokens", "500", "--router", "--seconds", "2.5");
        Assert.Equal(SpentTokenStoreKind.Sqlite, settings.Store);
        Assert.Equal(500, settings.Tokens);
        Assert.True(settings.Router);
        Assert.Equal(TimeSpan.FromSeconds(2.5), settings.Limit);
        Assert.Equal(new OnceSettings().Kills, settings.Kills);
    }

    [Fact]
    public void A_flag_goes_over_the_file_of_config()
    {
        var file = Path.Combine(_folder, "load.json");
        File.WriteAllText(file, """{ "LoadTests": { "tunnels": { "Rounds": 3, "Callers": 7 } } }""");
        var settings = Read<TunnelsSettings>("tunnels", "--config", file, "--callers", "9");
        Assert.Equal((3, 9), (settings.Rounds, settings.Callers));
    }

    [Fact]
    public void All_problems_are_told_at_once_by_their_flags()
    {
        var problem = Assert.Throws<FormatException>(() => Read<OnceSettings>("once", "--tokens", "0", "--clients", "many", "--store", "memory"));
        var lines = problem.Message.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Contains(lines, static line => line.StartsWith("--tokens is \"0\": expected 1 to 10000000", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.StartsWith("--clients is \"many\": expected", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.StartsWith("--store is \"Memory\": expected memcached or sqlite", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--proxy", "--proxy", "http://192.0.2.1:1")]
    [InlineData("--proxy", "--proxy", "http://192.0.2.1:1", "--pay", "tokens")]
    [InlineData("--token-file", "--token-file", "tokens.txt")]
    [InlineData("--proxy", "--proxy", "ftp://192.0.2.1", "--pay", "none")]
    [InlineData("--proxy", "--proxy", "http://192.0.2.1:1", "--pay", "none", "--http", "3")]
    [InlineData("--pid", "--pid", "12")]
    [InlineData("--max-cpu", "--proxy", "http://192.0.2.1:1", "--pay", "none", "--max-cpu", "9")]
    [InlineData("--origin", "--origin", "127.0.0.1")]
    [InlineData("--rate", "--rate", "10", "--tunnels", "1000", "--seconds", "9")]
    [InlineData("--rate", "--rate", "0")]
    public void What_does_not_go_together_is_refused_by_its_flag(string flag, params string[] arguments)
    {
        var problem = Assert.Throws<FormatException>(() => Read<TunnelsSettings>("tunnels", arguments));
        Assert.StartsWith(flag + " is ", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }
}
