using System.Diagnostics;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>Clients that offer the tokens in batches, all at the same batch at a time, so that they meet at the same token.</summary>
internal sealed class OfferRun(SpendLedger ledger, OnceSettings settings, IReadOnlyList<ProxySlot> proxies, FaultWindow window)
{
    private const int BatchSize = 100;

    /// <summary>A store that refuses answers at once, and would use up the tokens while a fault lasts.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromMilliseconds(100);

    private readonly long _expires = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();

    private int Clients => proxies.Count * settings.Clients;

    /// <summary>Offers all tokens; ends early at the limit.</summary>
    /// <param name="progress">Called with the number of the next token.</param>
    public async Task RunAsync(Action<int> progress)
    {
        var startedAt = Stopwatch.GetTimestamp();
        for (var batch = 0; batch < ledger.Tokens && Stopwatch.GetElapsedTime(startedAt) < settings.Limit; batch += BatchSize)
        {
            var (from, to) = (batch, Math.Min(batch + BatchSize, ledger.Tokens));
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => OfferAsync(client, from, to))));
            progress(to);
            if (!Enumerable.Range(from, to - from).Any(token => ledger[token].Accepted > 0)) await Task.Delay(_rest);
        }
    }

    /// <summary>Offers each token that was ever accepted once more: every answer but "spent before" and "cannot say" is a double spend.</summary>
    public async Task ReplayAsync(Action<int> progress)
    {
        const int Step = 1_000;
        for (var from = 0; from < ledger.Tokens; from += Step)
        {
            var accepted = Enumerable.Range(from, Math.Min(Step, ledger.Tokens - from)).Where(token => ledger[token].Accepted > 0).Chunk(BatchSize);
            await Task.WhenAll(accepted.Select((tokens, i) => Task.Run(async () =>
            {
                foreach (var token in tokens) await OfferAsync(proxies[(token + i) % proxies.Count], token);
            })));
            progress(from);
        }
    }

    private async Task OfferAsync(int client, int from, int to)
    {
        var proxy = proxies[client % proxies.Count];
        for (var token = from; token < to; token++)
            if (OfferPlan.Offers(client, Clients, token)) await OfferAsync(proxy, token);
    }

    private async Task OfferAsync(ProxySlot proxy, int token)
    {
        var spent = RandomTokens.Numbered((ulong)settings.Seed, token, _expires);
        var before = window.Version;
        var askedAt = Stopwatch.GetTimestamp();
        var outcome = await proxy.SpendAsync(spent);
        ledger.Record(token, outcome, window.WasHealthy(before), Stopwatch.GetElapsedTime(askedAt));
    }
}
