using System.ComponentModel.DataAnnotations;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>The options of <c>checks</c>.</summary>
internal sealed record ChecksSettings : IValidatableObject
{
    [Flag("memory, sqlite or memcached.")]
    public SpentTokenStoreKind Store { get; init; } = SpentTokenStoreKind.Memcached;

    [Flag("spend, lookup or mixed (both in turn).", Default = "mixed for memcached, otherwise spend")]
    public CheckOperation? Operation { get; init; }

    [Flag("Callers that ask again as soon as they are answered."), Range(1, 10_000)]
    public int Callers { get; init; } = 64;

    [Flag("native: callers live on the event loops of the tunnels; kestrel: on the pool's threads."), AllowedValues(ListenerEngine.Native, ListenerEngine.Kestrel)]
    public ListenerEngine Engine { get; init; } = ListenerEngine.Native;

    [Flag("Open loop: so many checks per second, answered or not."), Range(0.001, 10_000_000)]
    public double? Rate { get; init; }

    [Flag("How long to measure, after 2 s of warm-up."), Range(0.1, 600)]
    public double Seconds { get; init; } = 5;

    /// <summary>Servers that run already; none starts some.</summary>
    [Flag("HOST:PORT,... of memcached servers that run.", Default = "starts its own")]
    public IReadOnlyList<string> Servers { get; init; } = [];

    [Flag("Memcached nodes that remember each token."), Range(1, 16)]
    public int Replicas { get; init; } = 1;

    [Flag("Connections to each memcached node.", Default = "the proxy's"), Range(1, 64)]
    public int? Connections { get; init; }

    [Flag("File of the sqlite store.", Default = "a throw-away one in the temporary directory")]
    public string? Sqlite { get; init; }

    /// <summary>Bounds the memory of the store.</summary>
    [Flag("Ends a closed loop early after so many checks.", Name = "--tokens"), Range(1, 500_000_000)]
    public long MostChecks { get; init; } = 20_000_000;

    /// <summary>The C probe to compare with.</summary>
    [Flag("Path of mcbench: runs it and ours in turn and compares. Without a path: $BENCH_HOME/bin/mcbench.", Bare = CProbe.InBenchHome)]
    public string? Probe { get; init; }

    [Flag("Rounds of --probe."), Range(1, 100)]
    public int Rounds { get; init; } = 5;

    public CheckOperation Asked => Operation ?? (Store == SpentTokenStoreKind.Memcached ? CheckOperation.Mixed : CheckOperation.Spend);

    public string? ProbePath => Probe == CProbe.InBenchHome ? CProbe.Find() : Probe;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Probe is not null && !File.Exists(ProbePath)) yield return new("the path of mcbench, or none and one at $BENCH_HOME/bin/mcbench (setup.sh core of the bench kit builds it)", [nameof(Probe)]);
    }
}
