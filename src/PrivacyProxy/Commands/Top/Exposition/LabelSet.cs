namespace PrivacyProxy.Commands.Top.Exposition;

/// <summary>The labels of a series; two with the same names and values are equal, in whatever order they came.</summary>
internal sealed class LabelSet : IEquatable<LabelSet>
{
    private readonly KeyValuePair<string, string>[] _labels;

    public LabelSet(IEnumerable<KeyValuePair<string, string>> labels) => _labels = [.. labels.OrderBy(static label => label.Key, StringComparer.Ordinal)];

    public static LabelSet Empty { get; } = new([]);

    /// <summary>The value of a label; empty without it, which Prometheus takes for the same.</summary>
    public string this[string name] => Array.Find(_labels, label => label.Key == name).Value ?? "";

    public LabelSet Without(string name) => new(_labels.Where(label => label.Key != name));

    public bool Equals(LabelSet? other) => other is not null && _labels.AsSpan().SequenceEqual(other._labels);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in _labels)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => $"{{{string.Join(',', _labels.Select(static label => $"{label.Key}={label.Value}"))}}}";
}
