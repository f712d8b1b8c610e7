using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Tests.Top.Figures;

public sealed class SnapshotChangeTests
{
    private static readonly TimeSpan _twoSeconds = TimeSpan.FromSeconds(2);

    [Fact]
    public void A_rate_is_the_rise_over_the_time_between()
    {
        var change = new SnapshotChange(Snapshot("a_total{x=\"1\"} 10\na_total{x=\"2\"} 1"), Snapshot("a_total{x=\"1\"} 30\na_total{x=\"2\"} 1\na_total{x=\"3\"} 4"), _twoSeconds);
        Assert.False(change.IsRestart);
        Assert.Equal(12, change.PerSecond("a_total"));
        Assert.Equal(10, change.PerSecond("a_total", Label("x", "1")));
        Assert.Equal(0, change.PerSecond("a_total", Label("x", "2")));
        Assert.Equal(2, change.PerSecond("a_total", Label("x", "3")));
    }

    [Fact]
    public void From_one_scrape_there_is_no_rate_and_no_restart()
    {
        var change = new SnapshotChange(null, Snapshot("a_total 10"), TimeSpan.Zero);
        Assert.Null(change.PerSecond("a_total"));
        Assert.Null(change.Elapsed);
        Assert.False(change.IsRestart);
    }

    [Theory]
    [InlineData("a_total 10\nb_total 5", "a_total 9\nb_total 50")]
    [InlineData("a_total 10\nb_total 5", "b_total 5")]
    [InlineData("h_count 10\nb_total 5", "h_count 9\nb_total 5")]
    [InlineData("process_start_time_seconds 1700000000\nb_total 5", "process_start_time_seconds 1700000100\nb_total 5")]
    public void Once_one_counter_falls_or_the_start_differs_it_is_a_restart_and_every_counter_began_at_0(string before, string after)
    {
        var change = new SnapshotChange(Snapshot(before), Snapshot(after), _twoSeconds);
        Assert.True(change.IsRestart);
        Assert.Equal(change.Current.Sum("b_total") / 2, change.PerSecond("b_total"));
    }

    [Fact]
    public void A_falling_gauge_is_no_restart() =>
        Assert.False(new SnapshotChange(Snapshot("in_flight 10\na_total 1\nh_sum 5"), Snapshot("in_flight 1\na_total 1\nh_sum 5"), _twoSeconds).IsRestart);

    [Fact]
    public void Observations_are_added_over_the_labels_not_asked_for()
    {
        const string Text = """
            h_bucket{node="n",operation="get",le="1"} 2
            h_bucket{node="n",operation="get",le="+Inf"} 2
            h_bucket{node="n",operation="add",le="1"} 0
            h_bucket{node="n",operation="add",le="+Inf"} 3
            """;
        var observed = new SnapshotChange(null, Snapshot(Text), TimeSpan.Zero).Observed("h", "node");
        Assert.Equal(5, Assert.Single(observed).Value.Total);
        Assert.Equal("n", observed.Keys.Single());
    }

    [Fact]
    public void A_start_time_out_of_this_world_is_ignored()
    {
        foreach (var value in new[] { "NaN", "+Inf", "-1", "1e300" })
            Assert.Null(new SnapshotChange(null, Snapshot($"process_start_time_seconds {value}"), TimeSpan.Zero).StartedAt);
    }

    [Fact]
    public void A_piece_of_the_last_minute_shows_its_highest_value()
    {
        var peaks = new RecentPeaks();
        for (var second = 0; second < 200; second++) peaks.Add(TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(second + 1), second == 145 ? 40 : 1);
        var read = peaks.Read(TimeSpan.FromSeconds(200), 6);
        // From 140 to 200 in pieces of ten seconds.
        Assert.Equal([40, 1, 1, 1, 1, 1], read);
        Assert.Equal([1, null], peaks.Read(TimeSpan.FromSeconds(230), 2));
    }

    private static MetricsSnapshot Snapshot(string text) => new(PrometheusTextReader.Read(text));

    private static LabelSet Label(string name, string value) => new([new(name, value)]);
}
