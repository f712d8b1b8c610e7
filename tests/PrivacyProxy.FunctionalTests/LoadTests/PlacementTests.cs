using PrivacyProxy.LoadTests.Placement;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>The simulation against what can be reckoned by hand.</summary>
public sealed class PlacementTests
{
    private const int Sample = 20_000;

    private static readonly PlacementSettings _settings = new()
    {
        Nodes = [30], Checks = [1_000], Sample = Sample, Hours = 1, PerProxy = 100, ProxyHours = 0, Journal = 1_000_000, Refill = 1_000_000, Away = 36,
    };

    private static PlacementRun Run(PlacementSettings settings) =>
        Assert.Single(new PlacementScenario(new LoadScreen(TextWriter.Null, TextWriter.Null, isPlain: true, isInteractive: false), settings).Run(CancellationToken.None).Runs);

    [Fact]
    public void Where_nothing_fails_nothing_is_refused_or_forgotten_and_the_nodes_have_as_much_to_do()
    {
        var run = Run(_settings with { Schedules = [FailureSchedule.Independent], Between = 1_000_000 });
        Assert.Equal((0, 0, 0, 0, 10), (run.Failures, run.Refused, run.Forgotten, run.ForgottenForGood, run.Proxies));
        Assert.InRange(run.BusiestNode, 1, 1.1);
    }

    [Fact]
    public void One_replica_refuses_its_share_while_its_node_is_away_and_gives_it_back_from_the_journals()
    {
        // A third of the nodes away for a hundredth of the time, and a second and a half more to be given all back.
        var run = Run(_settings with { Replicas = 1, Schedules = [FailureSchedule.Zone] });
        Assert.InRange(run.Refused, Sample / 300 * 0.7, Sample / 300 * 1.5);
        Assert.Equal(0, run.Forgotten);
    }

    [Fact]
    public void Without_a_journal_one_replica_forgets_what_its_node_had()
    {
        // A third of the nodes, half of the tokens before.
        var run = Run(_settings with { Replicas = 1, Journal = 0, Schedules = [FailureSchedule.Zone] });
        Assert.InRange(run.ForgottenForGood, Sample / 6 * 0.9, Sample / 6 * 1.1);
        Assert.Equal(run.ForgottenForGood, run.Forgotten);
    }

    [Fact]
    public void Three_replicas_in_three_zones_of_no_order_refuse_those_with_two_in_the_one_that_fails()
    {
        // Of 30 nodes 10 fail: two or three of a token's three are among them with a chance of 0.251.
        var run = Run(_settings with { Lossy = 0, Schedules = [FailureSchedule.Zone] });
        Assert.InRange(run.Refused, Sample * 0.00251 * 0.6, Sample * 0.00251 * 1.4);
        Assert.Equal(0, run.Forgotten);
    }

    [Fact]
    public void An_upgrade_of_all_nodes_in_turn_refuses_nothing_and_forgets_nothing_while_journals_reach_back_far_enough()
    {
        var run = Run(_settings with { Schedules = [FailureSchedule.Rolling] });
        Assert.Equal((30, 0, 0, 0), (run.Failures, run.Refused, run.Forgotten, run.ForgottenForGood));
    }

    [Fact]
    public void The_same_with_journals_that_are_too_short_or_ended_forgets_what_came_before()
    {
        var upgrade = _settings with { Schedules = [FailureSchedule.Rolling] };
        var none = Run(upgrade with { Journal = 0 });
        Assert.Equal(0, none.Refused);
        // Those that came before the first of their three nodes had its turn.
        Assert.InRange(none.ForgottenForGood, Sample * 0.065, Sample * 0.09);
        // Each proxy is restarted once while the nodes are: what it accepted before is in no journal.
        Assert.InRange(Run(upgrade with { ProxyHours = 0.5 }).ForgottenForGood, 1, none.ForgottenForGood);
    }

    [Fact]
    public void The_same_number_plays_the_same_and_the_report_says_how_much_it_is_worth()
    {
        var settings = _settings with { Schedules = [FailureSchedule.Independent], Between = 2, Replicas = 1, MaxRefused = 0 };
        Assert.Equal(Run(settings), Run(settings));
        Assert.True(Run(settings with { Between = 0.5 }).Failures > Run(settings).Failures);
        var report = new PlacementResult([Run(settings)]).ToReport(settings);
        Assert.Equal("--max-refused", Assert.Single(report.Missed).Flag);
        Assert.Contains("stands for 180 and more; where none was met, fewer than 150 of a million are", Assert.Single(report.Notes), StringComparison.Ordinal);
    }
}
