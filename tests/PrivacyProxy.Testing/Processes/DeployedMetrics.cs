using System.Text.RegularExpressions;

namespace PrivacyProxy.Testing.Processes;

/// <summary>The metrics that panels and alerts of deploy/ ask for.</summary>
internal static class DeployedMetrics
{
    /// <summary>Those whose names begin with one of these; what rules record has a colon in its name and is none.</summary>
    public static HashSet<string> Of(params string[] prefixes) => Files()
        .SelectMany(file => Regex.Matches(File.ReadAllText(file), $@"\b(?:{string.Join('|', prefixes)})_[a-z0-9_]+\b(?!:)").Select(static match => match.Value))
        .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Path.Combine(Product.RepositoryRoot!, "deploy", "grafana"), "*.json")
        .Concat(Directory.EnumerateFiles(Path.Combine(Product.RepositoryRoot!, "deploy", "prometheus"), "rules.yml", SearchOption.AllDirectories));
}
