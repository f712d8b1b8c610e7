using System.Buffers;
using System.Globalization;
using System.Text;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>Writes families in the Prometheus text format 0.0.4 or in OpenMetrics 1.0.0.</summary>
internal sealed class PrometheusWriter(IBufferWriter<byte> output, bool openMetrics)
{
    public void Write(MetricFamily family)
    {
        if (family.IsEmpty) return;
        WriteHead(family);
        foreach (var (tags, series) in family.Series)
        {
            if (series is HistogramSeries histogram) Write(family.Name, tags, histogram);
            else Sample(family.Name, tags, series is SumSeries sum ? sum.Value : ((LastValueSeries)series).Value);
        }
    }

    /// <summary>What comes after the last family.</summary>
    public void End()
    {
        if (openMetrics) Text("# EOF\n");
    }

    private void WriteHead(MetricFamily family)
    {
        // OpenMetrics names a counter's family without the _total of its samples.
        var name = openMetrics && family.Kind == MetricKind.Counter ? family.Name[..^PrometheusName.Total.Length] : family.Name;
        if (family.Help.Length > 0) Text($"# HELP {name} {Escape(family.Help, quotes: openMetrics)}\n");
        Text($"# TYPE {name} {Type(family.Kind)}\n");
    }

    private string Type(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
        _ => openMetrics ? "unknown" : "untyped",
    };

    private void Write(string name, TagSet tags, HistogramSeries histogram)
    {
        var cumulative = 0L;
        var bounds = histogram.Bounds;
        for (var bucket = 0; bucket <= bounds.Length; bucket++)
        {
            // Before the count, which includes it then.
            var exemplar = openMetrics ? histogram.ExemplarOf(bucket) : default;
            cumulative += histogram.Count(bucket);
            Sample(name + "_bucket", tags, cumulative, bucket < bounds.Length ? Bound(bounds[bucket]) : "+Inf", exemplar);
        }

        Sample(name + "_sum", tags, histogram.Sum);
        // The sum of the buckets just read: the count always equals the +Inf bucket.
        Sample(name + "_count", tags, cumulative);
    }

    private void Sample(string name, TagSet tags, double value, string? le = null, in Exemplar exemplar = default)
    {
        Text(name);
        var separator = '{';
        foreach (var (key, tag) in tags.Tags)
        {
            Text($"{separator}{PrometheusName.OfLabel(key)}=\"{Escape(Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "", quotes: true)}\"");
            separator = ',';
        }

        if (le is not null)
        {
            Text($"{separator}le=\"{le}\"");
            separator = ',';
        }

        if (separator == ',') Text("}");
        Text($" {Number(value)}");
        if (exemplar.IsKnown) Text($" # {{{Exemplar.Label}=\"{exemplar.TraceId.ToHexString()}\"}} {Number(exemplar.Value)} {Seconds(exemplar.At)}");
        Text("\n");
    }

    private static string Seconds(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() / 1000m).ToString(CultureInfo.InvariantCulture);

    /// <summary>OpenMetrics wants a decimal point in bounds, so that 1 and 1.0 are one.</summary>
    private string Bound(double bound)
    {
        var text = Number(bound);
        return openMetrics && !text.AsSpan().ContainsAny('.', 'E', 'e') ? text + ".0" : text;
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, output);
}
