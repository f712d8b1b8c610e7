using PrivacyProxy.Commands.Relay;
using PrivacyRelay;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.Tests.Relay;

/// <summary>The status line of a relay in a terminal.</summary>
public sealed class StatusLineTests
{
    private const string Erase = "\r\e[K";

    private readonly StringWriter _terminal = new() { NewLine = "\n" };

    [Fact]
    public void It_says_how_the_relay_is_and_why_there_was_no_tunnel_last()
    {
        var state = new RelayState([("a.example:8443", 12), ("b.example", null)], 3, LastRefusal: null);
        Assert.Equal("3 tunnels | a.example:8443 (12 tokens) > b.example", RelayStatus.Text(state));
        var refusal = new TunnelRefusal(new DateTimeOffset(2026, 11, 29, 19, 4, 33, TimeSpan.Zero), "The proxy cannot be reached.");
        Assert.Equal("3 tunnels | a.example:8443 (12 tokens) > b.example | 19:04:33 The proxy cannot be reached.", RelayStatus.Text(state with { LastRefusal = refusal }));
    }

    [Fact]
    public void It_is_written_when_it_changes_and_only_then()
    {
        using var line = Line(80);
        line.Show("one");
        line.Show("one");
        line.Show("two");
        Assert.Equal(Erase + "one" + Erase + "two", _terminal.ToString());
    }

    [Fact]
    public void Lines_of_the_log_come_above_it_and_none_is_written_over()
    {
        using var line = Line(80);
        line.Show("status");
        line.WriteLine("a line");
        line.Write("half ");
        line.Show("changed");
        line.Write("and half\n");
        Assert.Equal($"{Erase}status{Erase}a line\n{Erase}status{Erase}half and half\n{Erase}changed", _terminal.ToString());
    }

    [Fact]
    public void It_is_no_longer_than_the_terminal_is_wide_and_leaves_nothing_behind()
    {
        using var line = Line(6);
        line.Show("0123456789");
        line.Clear();
        line.WriteLine("end");
        Assert.Equal($"{Erase}01234{Erase}end\n", _terminal.ToString());
    }

    private StatusLine Line(int width) => new(_terminal, () => width) { NewLine = "\n" };
}
