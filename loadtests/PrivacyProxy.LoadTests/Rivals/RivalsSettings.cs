using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>The options of <c>rivals</c>.</summary>
internal sealed record RivalsSettings : IValidatableObject
{
    [Flag("Rounds; in each, every proxy does every work once, in another order."), Range(1, 100)]
    public int Rounds { get; init; } = 3;

    [Flag("A factor on all work: tunnels and bytes of each round."), Range(0.01, 100)]
    public double Scale { get; init; } = 1;

    [Flag("Only these of kestrel, native, haproxy, squid, nghttpx, go, node, h2o.", Default = "those that are there")]
    public IReadOnlyList<string> Only { get; init; } = [];

    [Flag("Only work whose name begins with one of these: tunnels, tls, h2, h3, idle, down, up.", Default = "all")]
    public IReadOnlyList<string> Work { get; init; } = [];

    [Flag("No new round is begun when one more would take it past so many minutes."), Range(1, 1_000)]
    public double Minutes { get; init; } = 30;

    [Flag("Folder of the rivals' configurations and programs (loadtests/rivals of the checkout).", Default = "found from the checkout")]
    public string? Folder { get; init; }

    [Flag("The Go proxy, built (compare.sh builds it).")]
    public string? Go { get; init; }

    [Flag("An h2o that knows proxy.connect (Debian's does not).", Default = "the variable H2O")]
    public string? H2o { get; init; }

    [Flag("Idle tunnels of each proxy whose memory is read; 0 for none."), Range(0, 9_000)]
    public int Idle { get; init; } = 2_000;

    [Flag("How long a proxy is left alone before its memory is read, in seconds."), Range(0, 600)]
    public double Settle { get; init; } = 2;

    [JsonIgnore]
    public string? H2oPath => H2o ?? (Environment.GetEnvironmentVariable("H2O") is { Length: > 0 } path ? path : null);

    [JsonIgnore]
    public string? FolderPath => Folder ?? (Product.RepositoryRoot is { } root ? Path.Combine(root, "loadtests", "rivals") : null);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Only.Any(static name => !RivalProcess.Names.Contains(name))) yield return new($"of {string.Join(", ", RivalProcess.Names)}", [nameof(Only)]);
        if (Work.Any(static name => !RivalWork.All.Any(work => work.Name.StartsWith(name, StringComparison.Ordinal)))) yield return new($"beginnings of {string.Join(", ", RivalWork.All.Select(static work => work.Name))}", [nameof(Work)]);
        if (Go is not null && !File.Exists(Go)) yield return new("a program", [nameof(Go)]);
        if (H2o is not null && !File.Exists(H2o)) yield return new("a program", [nameof(H2o)]);
    }
}
