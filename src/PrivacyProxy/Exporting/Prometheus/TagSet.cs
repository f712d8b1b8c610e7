namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>The tags of one series, in the order the instrument's code gives them.</summary>
internal sealed class TagSet(ReadOnlySpan<KeyValuePair<string, object?>> tags)
{
    private readonly KeyValuePair<string, object?>[] _tags = tags.ToArray();

    public ReadOnlySpan<KeyValuePair<string, object?>> Tags => _tags;
}
