using System.Reflection;
using PrivacyProxy.FunctionalTests.EndToEnd;
using PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>
/// The manual is true: each fenced block of each page is run, loaded or compared by a test that is named here, or has a
/// reason why not. A new block fails until it has one or the other.
/// </summary>
public sealed class EveryBlockTests
{
    /// <summary>Pages whose <c>sh</c> blocks are one script, run from its first line to its last.</summary>
    private static readonly Dictionary<string, MethodInfo> _scripts = new(StringComparer.Ordinal)
    {
        ["docs/clients.md"] = Test<ClientsPageTests>(nameof(ClientsPageTests.The_commands_take_curl_and_Chromium_through_the_proxy_and_the_relay)),
        ["docs/finding-a-stall.md"] = Test<FindingAStallTests>(nameof(FindingAStallTests.The_exercise_names_the_node_that_takes_40_ms_and_sees_it_healed)),
    };

    private static readonly (string Page, string Start, MethodInfo Test)[] _blocks =
    [
        ("README.md", "dotnet run --project src/PrivacyProxy -c Release -- demo", Test<ReadmeTests>(nameof(ReadmeTests.The_first_command_shows_the_demo))),
        ("README.md", "dotnet build src/PrivacyProxy", Test<ReadmeTests>(nameof(ReadmeTests.Run_it_for_real_works_and_leaves_nothing_in_the_tree))),
        ("README.md", "TOKEN=$(", Test<ReadmeTests>(nameof(ReadmeTests.Run_it_for_real_works_and_leaves_nothing_in_the_tree))),
        ("README.md", LoadTestCommandTests.Start, Test<LoadTestCommandTests>(nameof(LoadTestCommandTests.The_readmes_scenarios_are_there_and_take_their_flags))),
        ("docs/auditing.md", AuditingPageTests.Start, Test<AuditingPageTests>(nameof(AuditingPageTests.An_issuer_that_lies_to_one_proxy_is_refused_there_and_found_by_the_auditor))),
        ("docs/auditing.md", AuditingPageTests.Issuer, Test<AuditingPageTests>(nameof(AuditingPageTests.An_issuer_that_lies_to_one_proxy_is_refused_there_and_found_by_the_auditor))),
        ("docs/auditing.md", AuditingPageTests.Proxy, Test<AuditingPageTests>(nameof(AuditingPageTests.An_issuer_that_lies_to_one_proxy_is_refused_there_and_found_by_the_auditor))),
        ("docs/auditing.md", AuditingPageTests.Inspect, Test<AuditingPageTests>(nameof(AuditingPageTests.An_issuer_that_lies_to_one_proxy_is_refused_there_and_found_by_the_auditor))),
        ("docs/clients.md", "<?xml", Test<ClientsPageTests>(nameof(ClientsPageTests.The_Apple_profile_is_a_property_list_with_the_keys_of_a_relay))),
        ("docs/egress.md", ConfigurationBlockTests.Pools, Test<ConfigurationBlockTests>(nameof(ConfigurationBlockTests.The_pools_are_taken_as_written))),
        ("docs/egress.md", ConfigurationBlockTests.FirstHop, Test<ConfigurationBlockTests>(nameof(ConfigurationBlockTests.The_first_of_two_hops_is_taken_as_written))),
        ("docs/issuers.md", IssuersPageTests.Start, Test<IssuersPageTests>(nameof(IssuersPageTests.The_commands_run_as_written))),
        ("docs/issuers.md", IssuersPageTests.Try, Test<IssuersPageTests>(nameof(IssuersPageTests.The_commands_run_as_written))),
        ("docs/issuers.md", IssuersPageTests.Keys, Test<IssuersPageTests>(nameof(IssuersPageTests.The_keys_are_changed_as_written_while_the_issuer_runs))),
        ("docs/issuers.md", AttesterPageTests.Start, Test<AttesterPageTests>(nameof(AttesterPageTests.The_attester_of_the_page_stands_before_its_issuer))),
        ("docs/issuers.md", AttesterPageTests.Issuer, Test<AttesterPageTests>(nameof(AttesterPageTests.The_attester_of_the_page_stands_before_its_issuer))),
        ("docs/issuers.md", AttesterPageTests.Clients, Test<AttesterPageTests>(nameof(AttesterPageTests.The_attester_of_the_page_stands_before_its_issuer))),
        ("docs/issuers.md", IssuersPageTests.KeyFile, Test<IssuersPageTests>(nameof(IssuersPageTests.The_commands_run_as_written))),
        ("docs/operators.md", OperatorsPageTests.Start, Test<OperatorsPageTests>(nameof(OperatorsPageTests.The_commands_run_as_written_and_show_what_the_page_says))),
        ("docs/operators.md", OperatorsPageTests.Problem, Test<OperatorsPageTests>(nameof(OperatorsPageTests.The_line_that_names_a_wrong_setting_is_the_pages))),
        ("docs/operators.md", OperatorsPageTests.Domain, Test<OperatorsPageTests>(nameof(OperatorsPageTests.The_commands_run_as_written_and_show_what_the_page_says))),
        ("docs/operators.md", OperatorsPageTests.Traces, Test<OperatorsPageTests>(nameof(OperatorsPageTests.The_commands_run_as_written_and_show_what_the_page_says))),
        ("docs/operators.md", OperatorsPageTests.Top, Test<OperatorsPageTests>(nameof(OperatorsPageTests.The_frame_of_top_is_a_recorded_one))),
        ("docs/operators.md", ConfigurationBlockTests.Otlp, Test<ConfigurationBlockTests>(nameof(ConfigurationBlockTests.The_collectors_are_taken_as_written))),
        ("docs/operators.md", OperatorsPageTests.Levels, Test<OperatorsPageTests>(nameof(OperatorsPageTests.The_commands_run_as_written_and_show_what_the_page_says))),
        ("docs/operators.md", OperatorsPageTests.Refusal, Test<OperatorsPageTests>(nameof(OperatorsPageTests.The_commands_run_as_written_and_show_what_the_page_says))),
        ("docs/origins.md", OriginsPageTests.Start, Test<OriginsPageTests>(nameof(OriginsPageTests.The_page_shows_the_sample))),
        ("src/PrivacyPass.AspNetCore/README.md", OriginsPageTests.Start, Test<OriginsPageTests>(nameof(OriginsPageTests.The_page_shows_the_sample))),
        ("docs/relay.md", RelayPageTests.Start, Test<RelayPageTests>(nameof(RelayPageTests.The_commands_run_as_written))),
        (MemcachedRouter.Page, MemcachedRouter.Lua, Test<RouterTagTests>(nameof(RouterTagTests.A_token_lies_beside_the_marker_of_its_tag))),
        (MemcachedRouter.Page, MemcachedRouter.Yaml, Test<RouterTagTests>(nameof(RouterTagTests.A_token_lies_beside_the_marker_of_its_tag))),
    ];

    private static readonly (string Page, string Start, string Reason)[] _exceptions =
    [
        ("README.md", "                 blinded requests", "a picture"),
        ("README.md", "./test.sh", "it runs this test"),
        ("docs/issuers.md", " client ── key", "a picture"),
        ("deploy/k8s/README.md", "kubectl kustomize", "every overlay is rendered by PrivacyProxy.DeploymentTests.Kubernetes"),
        ("deploy/k8s/README.md", "kubectl -n privacy-proxy create secret", "run without a cluster (--dry-run) by PrivacyProxy.DeploymentTests.Kubernetes.SettingsTests"),
        ("docs/quickstart.md", "deploy/publish.sh linux-x64", "run by PrivacyProxy.DeploymentTests.Programs.PackageTests, where they are asked for"),
        ("docs/quickstart.md", "apt install", "the package is installed in a Debian root by PrivacyProxy.DeploymentTests.Programs.PackageTests, where they are asked for"),
        ("docs/quickstart.md", "certbot certonly", "needs a name on the Internet; the hook is run by PrivacyProxy.DeploymentTests.Programs.CertbotHookTests"),
        ("docs/quickstart.md", "{", "read by PrivacyProxy.DeploymentTests.Programs.QuickstartTests"),
        ("docs/quickstart.md", "systemctl enable", "needs systemd as the first process"),
        ("docs/quickstart.md", "ssh -N", "needs another machine; the relay's flags are parsed by PrivacyProxy.DeploymentTests.Programs.QuickstartTests"),
        ("docs/issuers.md", "builder.Services.AddPrivacyPassIssuer", "compiled and compared by PrivacyPass.AspNetCore.Tests.IssuersPageExampleTests"),
        ("src/PrivacyPass/README.md", "// The issuer publishes its key.", "compiled, run and compared by PrivacyPass.Tests.ReadmeExampleTests"),
        ("src/Masque/README.md", "using System.Buffers", "compiled, run and compared by Masque.Tests, and built from the package by PrivacyProxy.DeploymentTests.Packages"),
        ("src/Masque/README.md", "// Where the tunnel is", "compiled, run and compared by Masque.Tests.ReadmeExampleTests"),
        ("src/PrivacyPass.SpentTokens/README.md", "services.AddSpentTokens(", "compiled and compared by PrivacyProxy.Tests.SpentTokens.AddSpentTokensTests"),
        ("docs/spent-tokens.md", "{\n  \"pools\"", "mcrouter is not to be had in Debian; compared with that of deploy/k8s by PrivacyProxy.DeploymentTests.Kubernetes.SettingsTests"),
        ("docs/auditing.md", " issuer \u2500\u2500", "a picture"),
        ("docs/design/engine.md", "  any thread", "a picture"),
        ("docs/design/memcached-connection.md", "callers (any thread)", "a picture"),
        ("docs/design/metrics.md", " a request", "a picture"),
        ("docs/design/options.md", "appsettings.json  --config", "a picture"),
        ("docs/design/request.md", "        1 accept", "a picture"),
    ];

    [SkippableFact]
    public void Every_block_of_every_page_is_run_by_a_test_or_says_why_not()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var blocks = DocumentPages.All.SelectMany(DocumentPages.Blocks).ToList();
        Assert.NotEmpty(blocks);
        var unknown = blocks.Where(static block => !IsOfAScript(block) && Rows().Count(row => IsOf(block, row)) != 1).ToList();
        Assert.True(unknown.Count == 0, $"Nothing here, or two rows, for:\n{string.Join('\n', unknown)}");
        var stale = Rows().Where(row => !blocks.Exists(block => IsOf(block, row))).ToList();
        Assert.True(stale.Count == 0, $"No such block any more:\n{string.Join('\n', stale)}");
    }

    [SkippableFact]
    public void The_tests_that_run_blocks_are_tests()
    {
        foreach (var test in _blocks.Select(static row => row.Test).Concat(_scripts.Values))
            Assert.True(test.GetCustomAttributes<FactAttribute>().Any(), test.Name);
    }

    /// <summary>In a page that is a script, <c>text</c> shows what a run printed; the test of the page asserts on what its own run does.</summary>
    private static bool IsOfAScript(DocumentBlock block) => _scripts.ContainsKey(block.Page) && block.Language is ("sh" or "text");

    private static IEnumerable<(string Page, string Start)> Rows() =>
        _blocks.Select(static row => (row.Page, row.Start)).Concat(_exceptions.Select(static row => (row.Page, row.Start)));

    private static bool IsOf(DocumentBlock block, (string Page, string Start) row) =>
        block.Page == row.Page && block.Text.StartsWith(row.Start, StringComparison.Ordinal);

    private static MethodInfo Test<T>(string name) => typeof(T).GetMethod(name) ?? throw new MissingMethodException(typeof(T).Name, name);
}
