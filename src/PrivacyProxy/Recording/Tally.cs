using System.Diagnostics.Metrics;

namespace PrivacyProxy.Recording;

/// <summary>Counts by label that cost one atomic addition each, however many collect metrics: instruments read them when they are asked.</summary>
/// <param name="labels">The labels of each count; fixed, so that nothing is made when counting or reading.</param>
internal sealed class Tally(params KeyValuePair<string, object?>[][] labels)
{
    private readonly long[] _counts = new long[labels.Length];

    /// <summary>A tally with one label.</summary>
    public static Tally Of(string label, IEnumerable<object> values) =>
        new([.. values.Select(value => new[] { new KeyValuePair<string, object?>(label, value) })]);

    public long Sum => _counts.Sum();

    public long this[int index] => Volatile.Read(ref _counts[index]);

    public void Increment(int index) => Interlocked.Increment(ref _counts[index]);

    /// <summary>The counts that are not zero.</summary>
    public IEnumerable<Measurement<long>> Read() =>
        _counts.Select((count, i) => (count, i)).Where(static one => one.count != 0).Select(one => new Measurement<long>(one.count, labels[one.i]));

    /// <summary>How much more was counted here than in another tally of the same labels; zero too, where anything was counted.</summary>
    public IEnumerable<Measurement<long>> ReadMoreThan(Tally other) =>
        _counts.Select((count, i) => (count, i)).Where(static one => one.count != 0).Select(one => new Measurement<long>(one.count - other[one.i], labels[one.i]));
}
