using System.Diagnostics;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>Clients that offer the tokens in batches, all at the same batch at a time, so that they meet at the same token.</summary>
internal sealed class OfferRun(SpendLedger ledger, OnceSettings settings, IReadOnlyList<ProxySlot> proxies, FaultWindow window)
{
    private const int BatchSize = 100;

    /// <summary>In 2036; the same for every process of a run.</summary>
    private const long Expires = 2_100_000_000;

    private int Clients => proxies.Count * settings.Clients;

    /// <summary>Offers the tokens from <paramref name="first"/> on; ends early at the limit.</summary>
    /// <param name="first">The first token.</param>
    /// <param name="progress">Called with the number of the next token.</param>
    public async Task RunAsync(int first, Action<int> progress)
    {
        var startedAt = Stopwatch.GetTimestamp();
        for (var batch = first; batch < ledger.Tokens && Stopwatch.GetElapsedTime(startedAt) < settings.Limit; batch += BatchSize)
        {
            var (from, to) = (batch, Math.Min(batch + BatchSize, ledger.Tokens));
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => OfferAsync(client, from, to))));
            ledger.Progress = to;
            progress(to);
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
        var spent = RandomTokens.Numbered((ulong)settings.Seed, token, Expires);
        var before = window.Version;
        ledger.Begin(token);
        var outcome = await proxy.SpendAsync(spent);
        // Before the end is written: an entry without excuse counts.
        if (!window.WasHealthy(before)) ledger.Excuse(token);
        ledger.End(token, outcome);
    }
}
