using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Tests.Top.Figures;

public sealed class HistogramCountsTests
{
    private const double Infinity = double.PositiveInfinity;

    // 10 up to 1, 30 more up to 2, 60 more up to 4.
    private static readonly (double, double)[] _hundred = [(1, 10), (2, 40), (4, 100), (Infinity, 100)];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.05, 0.5)]
    [InlineData(0.1, 1)]
    [InlineData(0.25, 1.5)]
    [InlineData(0.5, 2 + (2 * 10 / 60.0))]
    [InlineData(0.99, 2 + (2 * 59 / 60.0))]
    [InlineData(1, 4)]
    public void A_quantile_is_interpolated_within_its_bucket(double quantile, double expected)
    {
        var read = Of(_hundred).Quantile(quantile)!.Value;
        Assert.Equal(expected, read.Value, 9);
        Assert.False(read.IsBeyond);
    }

    [Fact]
    public void Beyond_the_last_bound_it_is_that_bound_and_says_so()
    {
        var counts = Of([(1, 10), (2, 10), (Infinity, 20)]);
        Assert.Equal(new Quantile(2, IsBeyond: true), counts.Quantile(0.99));
        Assert.Equal(new Quantile(1, IsBeyond: false), counts.Quantile(0.5));
    }

    [Fact]
    public void Of_nothing_there_is_no_quantile()
    {
        Assert.Null(Of([(1, 0), (Infinity, 0)]).Quantile(0.99));
        Assert.Null(Of([]).Quantile(0.99));
    }

    [Fact]
    public void Only_what_came_since_the_earlier_scrape_counts()
    {
        var change = Of([(1, 10), (2, 40), (4, 103), (Infinity, 103)]).Since(Of(_hundred));
        Assert.Equal(3, change.Total);
        Assert.Equal(3, change.Quantile(0.5)!.Value.Value);
    }

    [Fact]
    public void After_a_restart_or_with_other_buckets_all_of_it_counts()
    {
        Assert.Equal(7, Of([(1, 1), (2, 2), (4, 7), (Infinity, 7)]).Since(Of(_hundred)).Total);
        Assert.Equal(200, Of([(1, 1), (3, 200), (Infinity, 200)]).Since(Of(_hundred)).Total);
    }

    [Fact]
    public void A_scrape_that_contradicts_itself_is_taken_as_well_as_can_be()
    {
        Assert.Equal(12, Of([(Infinity, 12), (double.NaN, 900), (2, 8), (1, 10), (4, double.NaN)]).Total);
        Assert.Equal(100, Of(_hundred).Plus(Of([(1, 3), (Infinity, 3)])).Total);
        Assert.Equal(200, Of(_hundred).Plus(Of(_hundred)).Total);
    }

    [Property]
    public Property A_higher_quantile_is_never_lower_and_none_leaves_the_bounds() =>
        Prop.ForAll<NonEmptyArray<byte>, byte, byte>((observed, one, other) =>
        {
            var cumulative = 0.0;
            var counts = Of([.. observed.Get.Select((count, i) => (i + 1.0, cumulative += count))]);
            if (counts.Total == 0) return true;
            var lower = counts.Quantile(Math.Min(one, other) / 255.0)!.Value.Value;
            var upper = counts.Quantile(Math.Max(one, other) / 255.0)!.Value.Value;
            return lower >= 0 && lower <= upper && upper <= observed.Get.Length;
        });

    private static HistogramCounts Of((double Bound, double Cumulative)[] buckets) =>
        HistogramCounts.FromCumulative(buckets.Select(static bucket => KeyValuePair.Create(bucket.Bound, bucket.Cumulative)));
}
