using System.Reflection;
using NetArchTest.Rules;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Tests;

/// <summary>The folders of a project are a stack: each knows only those below it, so that a newcomer can read from one end.</summary>
public sealed class ArchitectureTests
{
    // From the bottom to the top; a new folder takes its place here.
    private static readonly string[] _proxy =
    [
        "Requests", "Recording", "Configuration", "Admission", "Certificates", "KeyLogs", "SpentTokens", "Egress", "Redemption", "Tunnels", "Listeners", "Forwarding", "Exporting", "Hosting", "Commands",
    ];

    public static TheoryData<string, string> ReferencesBack
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            for (var lower = 0; lower < _proxy.Length; lower++)
                for (var upper = lower + 1; upper < _proxy.Length; upper++) pairs.Add(_proxy[lower], _proxy[upper]);
            return pairs;
        }
    }

    private static Assembly Proxy => typeof(Requests.TunnelRequest).Assembly;

    [Theory]
    [MemberData(nameof(ReferencesBack))]
    public void A_folder_knows_none_above_it(string folder, string above)
    {
        var failing = Types.InAssembly(Proxy).That().ResideInNamespaceStartingWith($"PrivacyProxy.{folder}")
            .Should().NotHaveDependencyOn($"PrivacyProxy.{above}").GetResult().FailingTypeNames ?? [];
        Assert.True(!failing.Any(), $"{folder} knows {above}, which stands above it: {string.Join(", ", failing)}");
    }

    /// <summary>A constant or a nameof leaves no reference in the assembly, but a reader of the source has to look it up there all the same.</summary>
    [SkippableFact]
    public void No_source_file_names_a_folder_above_its_own()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var root = Path.Combine(Product.RepositoryRoot!, "src", "PrivacyProxy");
        var back = new List<string>();
        foreach (var folder in _proxy)
            foreach (var file in Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
                foreach (var line in File.ReadLines(file).Where(static line => line.StartsWith("using PrivacyProxy.", StringComparison.Ordinal)))
                    if (Array.IndexOf(_proxy, line["using PrivacyProxy.".Length..].Split('.', ';')[0]) is var other && other > Array.IndexOf(_proxy, folder))
                        back.Add($"{folder} names {_proxy[other]}: {Path.GetFileName(file)}");
        Assert.Empty(back);
    }

    /// <summary>Origins take the stores without the proxy: what they need besides is little, and comes with the package.</summary>
    [Fact]
    public void The_stores_know_neither_the_proxy_nor_a_web_server() =>
        Assert.Equal(
            ["Microsoft.Data.Sqlite", "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "PrivacyPass", "SQLitePCLRaw.core"],
            typeof(SpentToken).Assembly.GetReferencedAssemblies().Select(static name => name.Name!).Where(static name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_folder_has_its_place_in_the_stack() =>
        Assert.Equal(
            _proxy.Order(StringComparer.Ordinal),
            Proxy.GetTypes().Select(static type => type.Namespace).OfType<string>().Where(static name => name.StartsWith("PrivacyProxy.", StringComparison.Ordinal))
                .Select(static name => name.Split('.')[1]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
