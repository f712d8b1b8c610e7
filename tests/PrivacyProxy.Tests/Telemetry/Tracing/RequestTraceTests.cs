using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.Tests.Telemetry.Tracing;

/// <summary>The recorder and its pool, without a proxy.</summary>
public sealed class RequestTraceTests
{
    private static readonly TunnelAnswer _ok = new(200);

    [Fact]
    public async Task A_recorder_is_not_given_to_another_request_before_the_last_replica_has_answered()
    {
        var time = new FakeTimeProvider();
        using var traces = TestTraces.Create(time, ratio: 1);
        ScriptedReplica[] replicas = [new() { Name = "a" }, new() { Name = "b" }, new() { Name = "late", Holds = true }];
        var voting = new ReplicaVoting(replicas, new ReplicaChoice(["a", "b", "late"], 3), new SpendJournal(10, time));
        var exchange = TestExchange.Begin(traces, time);
        var trace = exchange.Trace!;
        trace.Begin(TracePhase.Redeem);
        trace.BeginCheck(TracePhase.LookUp, "memcached");
        // Two of three suffice for a look-up.
        Assert.Equal(SpendOutcome.Fresh, await voting.LookUpAsync(TestTokens.Key(1), trace));
        trace.EndCheck(TracePhase.LookUp, SpendOutcome.Fresh, TimeSpan.Zero);
        await exchange.AcceptAsync(_ok);

        var others = Enumerable.Range(0, 100).Select(_ => TestExchange.Begin(traces, time)).ToList();
        Assert.DoesNotContain(others, other => ReferenceEquals(other.Trace, trace));
        Assert.Equal(["a miss", "b miss", "late pending"], Nodes(Assert.Single(traces.Recent.Newest(10))));

        replicas[2].AnswerNext();
        Assert.Same(trace, TestExchange.Begin(traces, time).Trace);
        // What was kept is what was known at the answer.
        Assert.Equal(["a miss", "b miss", "late pending"], Nodes(Assert.Single(traces.Recent.Newest(10))));
    }

    [Fact]
    public async Task Late_replies_on_other_threads_never_show_in_the_trace_of_another_request()
    {
        using var traces = TestTraces.Create(TimeProvider.System, ratio: 1);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            // In all fewer than are held: else a slow thread's trace may have been pushed out by the others'.
            for (var i = 0; i < 60; i++)
            {
                var node = $"{worker}.{i}";
                var exchange = TestExchange.Begin(traces, TimeProvider.System);
                var trace = exchange.Trace!;
                trace.Begin(TracePhase.Redeem);
                trace.BeginCheck(TracePhase.Spend, "memory");
                var late = Enumerable.Range(0, 3).Select(_ =>
                {
                    var ask = trace.Ask(spends: true, node);
                    trace.Hold();
                    return Task.Run(() =>
                    {
                        trace.Answered(ask, "stored");
                        trace.Release();
                    });
                }).ToList();
                await exchange.AcceptAsync(_ok);
                var kept = Assert.Single(traces.Recent.Find(exchange.KeptTraceId));
                Assert.All(Nodes(kept), line => Assert.StartsWith(node + " ", line, StringComparison.Ordinal));
                Assert.Equal(3, Nodes(kept).Count);
                await Task.WhenAll(late);
            }
        })));
    }

    [Fact]
    public async Task A_storm_of_errors_keeps_so_many_in_a_second_and_no_more()
    {
        var time = new FakeTimeProvider();
        using var traces = TestTraces.Create(time);
        async Task FailAsync(int count)
        {
            for (var i = 0; i < count; i++) await TestExchange.Begin(traces, time).RejectAsync(new TunnelAnswer(503) { Error = ProxyStatusError.DestinationUnavailable });
        }

        await FailAsync(1000);
        Assert.Equal(TunnelTraces.TailPerSecond, traces.Recent.Newest(int.MaxValue).Count);
        time.Advance(TimeSpan.FromSeconds(1));
        await FailAsync(1000);
        Assert.Equal(2 * TunnelTraces.TailPerSecond, traces.Recent.Newest(int.MaxValue).Count);
    }

    [Fact]
    public async Task A_slow_check_has_an_exemplar_exactly_when_its_trace_is_kept()
    {
        var time = new FakeTimeProvider();
        using var traces = TestTraces.Create(time, slow: TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < 3 * TunnelTraces.TailPerSecond; i++)
        {
            var exchange = TestExchange.Begin(traces, time);
            var trace = exchange.Trace!;
            trace.BeginCheck(TracePhase.Spend, "memory");
            Assert.Equal(default, trace.KeptId);
            trace.EndCheck(TracePhase.Spend, SpendOutcome.Fresh, TimeSpan.FromMilliseconds(i % 2 == 0 ? 5 : 6));
            var exemplar = trace.KeptId;
            await exchange.AcceptAsync(_ok);
            Assert.Equal(exemplar, exchange.KeptTraceId);
            if (i % 2 == 0) Assert.Equal(default, exemplar);
            Assert.Equal(exemplar == default ? 0 : 1, traces.Recent.Find(exemplar).Count);
        }

        Assert.Equal(TunnelTraces.TailPerSecond, traces.Recent.Newest(int.MaxValue).Count);
    }

    [Fact]
    public void A_trace_that_is_not_kept_allocates_nothing()
    {
        using var traces = TestTraces.Create(TimeProvider.System, slow: TimeSpan.FromMinutes(1));
        var exchanges = Enumerable.Range(0, 1000).Select(_ => new TestExchange(TimeProvider.System)).ToArray();
        var recorded = 0;
        Assert.Equal(0, AllocatedBytes.Least(() => Record(traces, exchanges.AsSpan(recorded++ * 100, 100))));
    }

    [Fact]
    public async Task About_as_many_are_sampled_as_the_ratio_says()
    {
        using var traces = TestTraces.Create(TimeProvider.System, ratio: 0.1);
        var kept = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var exchange = TestExchange.Begin(traces, TimeProvider.System);
            await exchange.AcceptAsync(_ok);
            if (exchange.KeptTraceId != default) kept++;
        }

        // Six standard deviations: 42 each.
        Assert.InRange(kept, 2000 - 6 * 42, 2000 + 6 * 42);
    }

    [Fact]
    public void Traces_of_one_reason_push_out_none_of_another()
    {
        var recent = new RecentTraces();
        recent.Add(Kept(KeptReason.Slow));
        for (var i = 0; i < 2 * RecentTraces.PerReason; i++) recent.Add(Kept(KeptReason.Sampled));
        Assert.Equal(RecentTraces.PerReason + 1, recent.Newest(int.MaxValue).Count);
        Assert.Single(recent.Newest(int.MaxValue), static trace => trace.Reason == KeptReason.Slow);
    }

    private static KeptTrace Kept(KeptReason reason) => new()
    {
        TraceId = System.Diagnostics.ActivityTraceId.CreateRandom(), ParentSpanId = default, StartedAt = DateTimeOffset.UnixEpoch, Reason = reason, Result = "200", Error = null,
        Spans = [new KeptSpan("tunnel", -1, TimeSpan.Zero, TimeSpan.Zero, [])],
    };

    private static void Record(TunnelTraces traces, ReadOnlySpan<TestExchange> exchanges)
    {
        foreach (var exchange in exchanges)
        {
            var trace = traces.Start(exchange)!;
            foreach (var phase in (ReadOnlySpan<TracePhase>)[TracePhase.Redeem, TracePhase.LookUp, TracePhase.Spend])
            {
                trace.Begin(phase);
                trace.Answered(trace.Ask(phase == TracePhase.Spend, "node"), "stored");
                trace.EndCheck(phase, SpendOutcome.Fresh, TimeSpan.FromMilliseconds(1));
            }

            trace.Answer(200, ProxyStatusError.None);
        }
    }

    private static List<string> Nodes(KeptTrace trace) =>
        [.. trace.Spans.Where(static span => span.Name == "store.node").Select(static span => string.Join(' ', span.Attributes.Select(static pair => pair.Value)))];
}
