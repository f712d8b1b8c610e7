using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>What a run of <c>rivals</c> found.</summary>
/// <param name="Work">What was asked for, in the order of the table.</param>
/// <param name="Names">The proxies that ran.</param>
/// <param name="Skipped">Those that could not, with the reason.</param>
/// <param name="Runs">All runs.</param>
/// <param name="Rounds">How many rounds were done.</param>
internal sealed record RivalsResult(IReadOnlyList<RivalWork> Work, IReadOnlyList<string> Names, IReadOnlyDictionary<string, string> Skipped, IReadOnlyList<RivalRun> Runs, int Rounds)
{
    private const string Errors = "errors of ours";

    private static readonly string[] _ours = ["kestrel", "native"];

    /// <summary>Whether rounds are missing.</summary>
    public bool WasStopped { get; init; }

    /// <summary>CPU time of the memcacheds of ours in all rounds, which is in no figure.</summary>
    public double StoreSeconds { get; init; }

    public double? Cost(RivalWork work, string name) => Median(work, name, static run => run.Cost);

    public double? Speed(RivalWork work, string name) => Median(work, name, static run => run.Speed);

    /// <summary>Median over the rounds of one's cost through another's in the same round; null when they never met.</summary>
    public double? Ratio(RivalWork work, string name, string other)
    {
        var ratios = Good(work, name).Join(Good(work, other), static run => run.Round, static run => run.Round, static (one, two) => one.Cost / two.Cost).Where(double.IsFinite).ToList();
        return ratios.Count == 0 ? null : Spread.Of(ratios).Median;
    }

    /// <summary>Of the others the one with the least cost; null without any.</summary>
    public string? BestRival(RivalWork work) =>
        Names.Except(_ours).Where(name => Cost(work, name) is > 0).OrderBy(name => Cost(work, name)).FirstOrDefault();

    public double? Median(RivalWork work, string name, Func<RivalRun, double> number)
    {
        var runs = Good(work, name).Select(number).ToList();
        return runs.Count == 0 ? null : Spread.Of(runs).Median;
    }

    public Report ToReport(RivalsSettings settings)
    {
        List<Figure> figures =
        [
            .. from work in Work from name in Names where Cost(work, name) is not null select new Figure($"{work.Title}: {name}", Cost(work, name)!.Value, work.Unit, Better.Lower),
            .. from work in Work from name in _ours let best = BestRival(work) where best is not null && Ratio(work, name, best) is not null select new Figure($"{work.Title}: {name} / best rival", Ratio(work, name, best!)!.Value, "", Better.Lower),
            new(Errors, Runs.Where(static run => _ours.Contains(run.Rival)).Sum(static run => run.Failed), "", Better.Lower),
        ];
        return Report.Of("rivals", settings, figures, this) with
        {
            WasStopped = WasStopped,
            Notes = [.. Notes()],
            Limits = Limit.Of(figures, ("(ours)", Errors, 0)),
            Charts =
            [
                .. Work.Where(work => Names.Any(name => Cost(work, name) is not null)).Select(work => new Chart($"{work.Title}: cost", work.Unit, [ChartSeries.Of("median", Measured(work).Select(name => Cost(work, name)!.Value))])
                {
                    HasBars = true,
                    Labels = [.. Measured(work)],
                }),
            ],
        };
    }

    private IEnumerable<string> Measured(RivalWork work) => Names.Where(name => Cost(work, name) is not null);

    private IEnumerable<string> Notes()
    {
        yield return $"{Rounds} interleaved rounds. Ours verify and spend a token (type 2) on memcached for each tunnel; the others check nothing.";
        var paid = Runs.Where(static run => _ours.Contains(run.Rival)).Sum(run => Work.First(work => work.Name == run.Work) is { Kind: RivalKind.Tunnels } work ? work.Amount : 0);
        if (paid > 0 && StoreSeconds > 0) yield return FormattableString.Invariant($"CPU of memcached is in no figure: {StoreSeconds:F2} s in all rounds of ours, warm-up too.");
        foreach (var (name, why) in Skipped) yield return $"Skipped: {name}, {why}.";
        foreach (var bad in Runs.Where(static run => run.Failed > 0).GroupBy(static run => (run.Work, run.Rival)))
            yield return $"Left out: {bad.Count()} runs of {bad.Key.Rival} at {bad.Key.Work} with {bad.Sum(static run => run.Failed)} errors ({bad.First().Failure})";
    }

    /// <summary>Those without an error.</summary>
    private IEnumerable<RivalRun> Good(RivalWork work, string name) => Runs.Where(run => run.Work == work.Name && run.Rival == name && run.Failed == 0);
}
