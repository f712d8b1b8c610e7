using System.Text.RegularExpressions;
using PrivacyProxy.Commands.Top.Watching;
using Spectre.Console;

namespace PrivacyProxy.Tests.Top.Screen;

public sealed class FrameTests
{
    [Fact]
    public void A_recorded_proxy_makes_the_recorded_frame()
    {
        var frame = RecordedProxy.Frame(RecordedProxy.State(RecordedProxy.Earlier, RecordedProxy.Later));
        Assert.True(frame == RecordedProxy.ExpectedFrame, frame);
    }

    [Fact]
    public void From_one_scrape_the_figures_are_those_since_the_start_and_no_rate_is_made_up()
    {
        var frame = RecordedProxy.Frame(RecordedProxy.State(RecordedProxy.Later));
        Assert.Contains("figures since its start\n", frame, StringComparison.Ordinal);
        Assert.Matches("accepted +106 +- ", frame);
        Assert.DoesNotContain("last minute", frame, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(79)]
    [InlineData(80)]
    [InlineData(81)]
    [InlineData(133)]
    [InlineData(300)]
    public void No_line_is_longer_than_the_terminal_is_wide_nor_wraps(int width)
    {
        var state = RecordedProxy.State(RecordedProxy.Earlier, RecordedProxy.Later);
        var lines = RecordedProxy.Frame(state, width).TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.Equal(RecordedProxy.Frame(state).TrimEnd('\n').Split('\n').Length, lines.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(24)]
    [InlineData(60)]
    public void There_are_never_more_lines_than_the_terminal_has(int height)
    {
        var many = string.Concat(Enumerable.Range(0, 30).Select(static i =>
            $"privacy_proxy_token_redemptions_total{{result=\"r{i}\"}} {i}\n" +
            $"privacy_proxy_spent_token_store_node_state{{node=\"n{i}\",state=\"up\"}} 1\n"));
        var frame = RecordedProxy.Frame(RecordedProxy.State(many), height: height).TrimEnd('\n').Split('\n');
        Assert.InRange(frame.Length, 1, height);
        if (height >= 24) Assert.Equal(2, frame.Count(static line => Regex.IsMatch(line, "and [0-9]+ more")));
    }

    [Fact]
    public void A_check_over_5_ms_is_marked_and_stands_out_in_the_sparkline_and_one_at_1_ms_does_not()
    {
        Assert.Matches("lookup memory .* 39\\.[0-9] ms ! .*▆", CheckFrame("0.04"));
        Assert.DoesNotContain("!", CheckFrame("0.001"), StringComparison.Ordinal);
        Assert.Matches("lookup memory .* 995 us .*▃", CheckFrame("0.001"));
        Assert.Matches("lookup memory .* >1\\.00 s ! .*█", CheckFrame("+Inf"));
    }

    /// <summary>The frame of a proxy whose hundred checks of this second all fell into the bucket below a bound.</summary>
    private static string CheckFrame(string bound)
    {
        string[] bounds = ["0.0005", "0.001", "0.02", "0.04", "1", "+Inf"];
        string Text(int count) => string.Concat(bounds.Select((le, i) =>
            $"privacy_proxy_double_spend_check_seconds_bucket{{operation=\"lookup\",store=\"memory\",le=\"{le}\"}} {(i >= Array.IndexOf(bounds, bound) ? count : 0)}\n"));
        return RecordedProxy.Frame(RecordedProxy.State(Text(50), Text(150)));
    }

    [Fact]
    public void The_nodes_in_trouble_come_first()
    {
        var frame = RecordedProxy.Frame(RecordedProxy.State(RecordedProxy.Earlier, RecordedProxy.Later));
        Assert.Matches("19803 +down[^\n]*\n[^\n]*19801 +up[^\n]*\n[^\n]*19802 +up", frame);
    }

    [Fact]
    public void The_command_latency_of_each_node_is_shown_where_the_proxy_measures_it()
    {
        const string Node = """
            privacy_proxy_spent_token_store_node_state{node="a:1",state="up"} 1
            privacy_proxy_spent_token_store_node_seconds_bucket{node="a:1",le="0.02"} 0
            privacy_proxy_spent_token_store_node_seconds_bucket{node="a:1",le="0.04"} 10
            privacy_proxy_spent_token_store_node_seconds_bucket{node="a:1",le="+Inf"} 10
            """;
        Assert.Matches("a:1 +up +30\\.0 ms +39\\.8 ms !", RecordedProxy.Frame(RecordedProxy.State(Node)));
    }

    [Fact]
    public void After_a_restart_it_says_so_for_a_minute()
    {
        var state = RecordedProxy.State(RecordedProxy.Later, RecordedProxy.Earlier);
        Assert.Contains("restarted 5s ago", RecordedProxy.Frame(state, later: TimeSpan.FromSeconds(5)), StringComparison.Ordinal);
        Assert.DoesNotContain("restarted", RecordedProxy.Frame(state, later: TimeSpan.FromSeconds(61)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_proxy_that_is_not_ready_is_said_to_miss_what_it_misses()
    {
        var state = RecordedProxy.State();
        state.Seen(RecordedProxy.Scrape(RecordedProxy.Later, TimeSpan.Zero, new Readiness(false, ["draining", "no keys of issuer i"])));
        var frame = RecordedProxy.Frame(state);
        Assert.Matches("^privacy-proxy top  http://127.0.0.1:9090 +NOT READY\ndraining; no keys of issuer i ", frame);
    }

    [Fact]
    public void A_proxy_that_does_not_answer_keeps_its_figures_on_screen_and_says_for_how_long()
    {
        var state = RecordedProxy.State(RecordedProxy.Earlier, RecordedProxy.Later);
        var before = RecordedProxy.Frame(state).Split('\n')[2..];
        state.Missed("it cannot be reached");
        var lost = RecordedProxy.Frame(state, later: TimeSpan.FromSeconds(75)).Split('\n');
        Assert.EndsWith("NO ANSWER", lost[0], StringComparison.Ordinal);
        Assert.StartsWith("for 1m 15s: it cannot be reached", lost[1], StringComparison.Ordinal);
        Assert.Equal(before.Where(static line => !line.Contains("memcached", StringComparison.Ordinal)), lost[2..].Where(static line => !line.Contains("memcached", StringComparison.Ordinal)));
    }

    [Fact]
    public void Malformed_lines_are_told_of() =>
        Assert.Contains("2 malformed lines", RecordedProxy.Frame(RecordedProxy.State(RecordedProxy.Later + "what is this\nand that\n")), StringComparison.Ordinal);

    [Fact]
    public void The_uptime_is_shown_where_the_proxy_says_when_it_started()
    {
        var startedAt = RecordedProxy.Clock.ToUnixTimeSeconds() - (3 * 3600) - (12 * 60);
        Assert.Contains("ready  up 3h 12m\n", RecordedProxy.Frame(RecordedProxy.State($"process_start_time_seconds {startedAt}\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_in_a_label_or_an_answer_reaches_the_terminal_as_a_control_code()
    {
        const string Hostile = "privacy_proxy_token_redemptions_total{result=\"\u001b[2J\\n\u009b31m\u4e16\"} 1\n";
        var state = RecordedProxy.State(Hostile);
        Assert.Contains("?[2J??31m?", RecordedProxy.Frame(state), StringComparison.Ordinal);
        state.Missed("\u001b]0;title\a");
        Assert.Contains("?]0;title?", RecordedProxy.Frame(state), StringComparison.Ordinal);
    }

    [Fact]
    public void A_live_frame_overwrites_the_last_one_and_scrolls_nothing()
    {
        var frame = RecordedProxy.LiveFrame(RecordedProxy.State(RecordedProxy.Earlier, RecordedProxy.Later), ColorSystemSupport.TrueColor);
        Assert.StartsWith("\u001b[H", frame, StringComparison.Ordinal);
        Assert.EndsWith("\u001b[J", frame, StringComparison.Ordinal);
        Assert.InRange(frame.Count(static c => c == '\n'), 20, 23);
        Assert.Contains("q quits", frame, StringComparison.Ordinal);
        Assert.Matches("\u001b\\[(38|3[0-7]|9[0-7])", frame);
    }

    [Fact]
    public void Without_colours_a_live_frame_has_none() =>
        Assert.DoesNotMatch("\u001b\\[[0-9;]*(3[0-9]|4[0-9]|9[0-7])[0-9;]*m", RecordedProxy.LiveFrame(RecordedProxy.State(RecordedProxy.Earlier, RecordedProxy.Later), ColorSystemSupport.NoColors));
}
