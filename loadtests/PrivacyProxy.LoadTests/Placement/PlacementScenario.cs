using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Placement;

/// <summary>
/// Plays fleets through without one: tokens are placed by the product's own rendezvous hashing and judged by its own majority, while nodes
/// go away and come back by schedule; counted is what is refused, and what is forgotten.
/// </summary>
internal sealed class PlacementScenario(LoadScreen screen, PlacementSettings settings)
{
    public static Task<Report> ReportAsync(LoadScreen screen, PlacementSettings settings, CancellationToken cancellationToken) =>
        Task.Run(() => new PlacementScenario(screen, settings).Run(cancellationToken).ToReport(settings), CancellationToken.None);

    public PlacementResult Run(CancellationToken cancellationToken)
    {
        var runs = new List<PlacementRun>();
        foreach (var nodes in settings.Nodes)
        {
            foreach (var checks in settings.Checks)
            {
                foreach (var schedule in settings.Schedules)
                {
                    if (cancellationToken.IsCancellationRequested) break;
                    screen.Progress($"{nodes} nodes, {Numbers.Count(checks)} checks/s, {schedule.ToString().ToLowerInvariant()}");
                    runs.Add(Run(new Fleet(settings, nodes, checks, schedule)));
                }
            }
        }

        if (runs.Count == 0) throw new OperationCanceledException(cancellationToken);
        screen.Table(["", "failures", "no vote for", "refused of a million", "forgotten", "for good", "busiest node"], runs.Select(run => new[]
        {
            run.Name, Numbers.Count(run.Failures), $"{Numbers.Short(run.SyncSeconds)} s", Numbers.Short(run.RefusedPerMillion), Numbers.Short(run.ForgottenPerMillion), Numbers.Short(run.ForgottenForGoodPerMillion),
            $"{Numbers.Count(run.BusiestNodeCommands(settings.Replicas))}/s",
        }));
        return new PlacementResult(runs) { WasStopped = cancellationToken.IsCancellationRequested };
    }

    private PlacementRun Run(Fleet fleet)
    {
        // As many parts whatever the machine: the same tokens come at the same times.
        const int Parts = 64;
        var (refused, forgotten, forGood) = (0, 0, 0);
        var held = new long[fleet.Nodes];
        Parallel.For(0, Parts, part =>
        {
            var (from, to) = ((int)((long)settings.Sample * part / Parts), (int)((long)settings.Sample * (part + 1) / Parts));
            var random = new Random(settings.Seed ^ (part << 10));
            var tokens = new RandomTokens(((ulong)settings.Seed << 32) ^ (uint)part);
            var (isRefused, isForgotten, isForGood, mine) = (0, 0, 0, new long[fleet.Nodes]);
            Span<int> nodes = stackalloc int[settings.Replicas];
            for (var i = from; i < to; i++)
            {
                var fate = TokenFate.Of(fleet, tokens.Next().Key, random.Next(fleet.Proxies), random.NextDouble() * fleet.Seconds, nodes);
                foreach (var node in nodes) mine[node]++;
                if (fate.Refused) isRefused++;
                if (fate.ForgottenForATime) isForgotten++;
                if (fate.ForgottenForGood) isForGood++;
            }

            Interlocked.Add(ref refused, isRefused);
            Interlocked.Add(ref forgotten, isForgotten);
            Interlocked.Add(ref forGood, isForGood);
            for (var node = 0; node < mine.Length; node++) Interlocked.Add(ref held[node], mine[node]);
        });
        var busiest = held.Max() / ((double)settings.Sample * settings.Replicas / fleet.Nodes);
        return new PlacementRun(fleet.Nodes, fleet.Checks, fleet.Schedule, fleet.Proxies, fleet.Failures, fleet.SyncSeconds, settings.Sample, refused, forgotten, forGood, fleet.Checks * fleet.Seconds, busiest);
    }
}
