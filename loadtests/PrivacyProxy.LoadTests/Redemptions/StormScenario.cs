using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary>Storms of bad tokens through the real redeemer: for both token types, each order, with and without the storm, on a store that is new each time.</summary>
internal sealed class StormScenario(LoadScreen screen, StormKind kind, StormSettings settings)
{
    private const int Forged = 4_000;
    private const double StormShare = 0.9;

    private static readonly double[] _shares = [0, StormShare];

    public async Task<IReadOnlyList<StormResult>> RunAsync()
    {
        var results = new List<StormResult>();
        foreach (var (type, tokens) in new[] { (TokenType.VoprfP384, settings.Type1Tokens), (TokenType.BlindRsa2048, settings.Type2Tokens) })
        {
            screen.Progress($"issuing {tokens} tokens of type {(int)type}");
            var supply = TokenSupply.Make(type, StoreSettings.IssuerName, StoreSettings.OriginInfo, tokens, Forged);
            foreach (var share in _shares)
                foreach (var order in Enum.GetValues<SpendOrder>())
                {
                    screen.Progress($"type {(int)type}, {share:P0} bad, {order}");
                    results.Add(await RunAsync(type, supply, share, order));
                }
            supply.Issuer.Dispose();
        }
        return results;
    }

    private async Task<StormResult> RunAsync(TokenType type, TokenSupply supply, double share, SpendOrder order)
    {
        await using var servers = await StoreServers.StartAsync(settings.Store, 1, "-m", "256", "-t", "2", "-M");
        await using var proxy = await ProxyCore.StartAsync(servers.Settings with { Order = order.ToString() });
        var issuer = new IssuerOptions { Name = StoreSettings.IssuerName, KeyLifetime = TimeSpan.FromDays(1), RemovalGrace = TimeSpan.FromHours(1) };
        var source = new IssuerKeys(issuer);
        proxy.Keys.SetIssuers([(issuer, source)]);
        proxy.Keys.Update(source, [new ListedKey(supply.Issuer.KeyId, null, null, supply.Issuer.CreateVerifier)]);

        var storm = new RedemptionStorm(proxy.Redeemer, supply, kind, share, settings.Callers);
        await storm.PrepareAsync();
        var serverBefore = servers.Nodes.Sum(static node => node.ProcessorTime.TotalMicroseconds);
        var cost = await storm.RunAsync(TimeSpan.FromSeconds(settings.Seconds));
        var server = servers.Nodes.Sum(static node => node.ProcessorTime.TotalMicroseconds) - serverBefore;
        var (good, bad) = (storm.GoodLatencies, storm.BadLatencies);
        var requests = Math.Max(1, good.Count + bad.Count);
        return new StormResult(type, order, share, requests / cost.Elapsed.TotalSeconds, good.Summarize(), bad.Summarize(),
            cost.Processor.TotalMicroseconds / requests, server / requests, cost.AllocatedBytes / (double)requests, storm.Wrong);
    }
}
