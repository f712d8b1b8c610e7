using Prometheus;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>Scrapes of a registry, one at a time: families that are observed keep what they told last.</summary>
internal sealed class Exposition(CollectorRegistry registry) : IDisposable
{
    private const int InitialSize = 64 * 1024;

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>All families, in the Prometheus text format 0.0.4 or in OpenMetrics 1.0.0.</summary>
    public async Task<ReadOnlyMemory<byte>> WriteAsync(bool openMetrics, CancellationToken cancellationToken)
    {
        var output = new MemoryStream(InitialSize);
        await _one.WaitAsync(cancellationToken);
        try
        {
            await registry.CollectAndExportAsTextAsync(output, openMetrics ? ExpositionFormat.OpenMetricsText : ExpositionFormat.PrometheusText, cancellationToken);
        }
        finally
        {
            _one.Release();
        }

        var written = output.GetBuffer().AsMemory(0, (int)output.Length);
        if (!openMetrics) UntypeCounters(written.Span);
        return written;
    }

    public void Dispose() => _one.Dispose();

    /// <summary>
    /// A counter whose name is a contract without _total is <c>unknown</c> in prometheus-net's OpenMetrics, but a counter in its text, which
    /// Prometheus' linter refuses and which is <c>untyped</c> there. The two words are equally long.
    /// </summary>
    private static void UntypeCounters(Span<byte> text)
    {
        var rest = text;
        var counter = " counter\n"u8;
        while (rest.IndexOf("# TYPE "u8) is var at and >= 0)
        {
            rest = rest[at..];
            var line = rest[..(rest.IndexOf((byte)'\n') + 1)];
            if (line.EndsWith(counter) && !line[..^counter.Length].EndsWith("_total"u8)) " untyped\n"u8.CopyTo(line[^counter.Length..]);
            rest = rest[line.Length..];
        }
    }
}
