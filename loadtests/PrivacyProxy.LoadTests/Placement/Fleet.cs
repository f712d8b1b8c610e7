using System.Globalization;
using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.LoadTests.Placement;

/// <summary>Nodes with what happens to each, and proxies with what their journals hold: one run of the simulation.</summary>
internal sealed class Fleet
{
    private const int SecondsAnHour = 3_600;

    /// <summary>Of the nodes, one in so many is in the zone that fails.</summary>
    private const int Zones = 3;

    private readonly PlacementSettings _settings;
    private readonly Random _random;
    private readonly double[] _proxyPhases;
    private readonly double _ratePerProxy;

    public Fleet(PlacementSettings settings, int nodes, int checks, FailureSchedule schedule)
    {
        (_settings, Nodes, Checks, Schedule) = (settings, nodes, checks, schedule);
        _random = new Random(settings.Seed ^ (nodes * 31) ^ ((int)schedule << 20));
        // As the product spells and orders them.
        Choice = new ReplicaChoice([.. Enumerable.Range(0, nodes).Select(static node => string.Create(CultureInfo.InvariantCulture, $"memcached-{node}:11211")).Order(StringComparer.Ordinal)], settings.Replicas);
        var proxies = Math.Max(1, checks / settings.PerProxy);
        _ratePerProxy = (double)checks / proxies;
        _proxyPhases = [.. Enumerable.Range(0, proxies).Select(_ => _random.NextDouble() * Math.Max(1, settings.ProxyHours * SecondsAnHour))];
        // What all journals hold for one node, written, then waited for twice as long again: docs/design/votes-and-journal.md.
        SyncSeconds = settings.Grace + 3 * proxies * Math.Min(settings.Journal, _ratePerProxy * Seconds) * settings.Replicas / nodes / settings.Refill;
        Timelines = [.. Absences().Select(static absences => new NodeTimeline(absences))];
    }

    public int Nodes { get; }

    public int Checks { get; }

    public FailureSchedule Schedule { get; }

    public ReplicaChoice Choice { get; }

    public IReadOnlyList<NodeTimeline> Timelines { get; }

    public double Seconds => _settings.Hours * SecondsAnHour;

    /// <summary>How long a node that lost its memory has no vote.</summary>
    public double SyncSeconds { get; }

    public int Proxies => _proxyPhases.Length;

    public int Failures => Timelines.Sum(static timeline => timeline.Absences.Count);

    /// <summary>Until when the journal of the proxy that accepted a token can give it back.</summary>
    public double JournalEnd(int proxy, double spentAt)
    {
        var overrun = spentAt + _settings.Journal / _ratePerProxy;
        if (_settings.ProxyHours == 0) return overrun;
        var life = _settings.ProxyHours * SecondsAnHour;
        var restart = _proxyPhases[proxy] + Math.Ceiling((spentAt - _proxyPhases[proxy]) / life) * life;
        return Math.Min(overrun, restart);
    }

    private IEnumerable<IReadOnlyList<Absence>> Absences() => Schedule switch
    {
        FailureSchedule.Independent => Enumerable.Range(0, Nodes).Select(_ => Independent()),
        FailureSchedule.Rolling => Enumerable.Range(0, Nodes).Select(node => Once(node * Length(_settings.Lossy > 0), _settings.Lossy > 0)),
        _ => Enumerable.Range(0, Nodes).Select(node => node % Zones == 0 ? Once(Seconds / 2, _random.NextDouble() < _settings.Lossy) : []),
    };

    private List<Absence> Independent()
    {
        var absences = new List<Absence>();
        for (var time = 0.0; ;)
        {
            time += -Math.Log(1 - _random.NextDouble()) * _settings.Between * SecondsAnHour;
            if (time >= Seconds) return absences;
            var loses = _random.NextDouble() < _settings.Lossy;
            absences.Add(new Absence(time, time + _settings.Away, time + Length(loses), loses));
            time += Length(loses);
        }
    }

    private IReadOnlyList<Absence> Once(double at, bool loses) => at < Seconds ? [new Absence(at, at + _settings.Away, at + Length(loses), loses)] : [];

    private double Length(bool losesMemory) => _settings.Away + (losesMemory ? SyncSeconds : 0);
}
