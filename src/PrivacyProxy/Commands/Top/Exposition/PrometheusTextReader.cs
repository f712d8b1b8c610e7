namespace PrivacyProxy.Commands.Top.Exposition;

/// <summary>
/// Reads the Prometheus text format 0.0.4, and the samples of OpenMetrics. Forgiving: a line that makes no sense costs only itself.
/// The caller bounds the text.
/// </summary>
internal static class PrometheusTextReader
{
    /// <summary>Reads the samples whose names begin with one of the prefixes; with none, all.</summary>
    public static PrometheusText Read(ReadOnlySpan<char> text, params ReadOnlySpan<string> prefixes)
    {
        var samples = new List<MetricSample>();
        var malformed = 0;
        foreach (var range in text.Split('\n'))
        {
            var line = text[range].Trim([' ', '\t', '\r']);
            if (line.IsEmpty || line[0] == '#') continue;
            var reader = new SampleLineReader(line);
            if (!reader.TryReadName(out var name)) malformed++;
            else if (!IsWanted(name, prefixes)) continue;
            else if (reader.TryReadLabels(out var labels) && reader.TryReadValue(out var value)) samples.Add(new MetricSample(name.ToString(), labels, value));
            else malformed++;
        }

        return new PrometheusText(samples, malformed);
    }

    private static bool IsWanted(ReadOnlySpan<char> name, ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) return true;
        return prefixes.IsEmpty;
    }
}
