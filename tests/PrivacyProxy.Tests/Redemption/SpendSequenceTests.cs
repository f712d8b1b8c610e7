using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>Every order with every answer of a store, at every pace, for good and forged tokens, with clients that stay and that leave.</summary>
public sealed class SpendSequenceTests
{
    private const string Aborted = "aborted";

    private static readonly Lazy<string> _good = new(static () => RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa)));

    private static readonly Lazy<string> _forged = new(static () =>
    {
        var token = RedemptionWorld.Token(RedemptionWorld.Rsa);
        token[^1] ^= 1;
        return RedemptionWorld.Header(token);
    });

    public static TheoryData<string> Orders => [.. Enum.GetNames<SpendOrder>()];

    [Theory, MemberData(nameof(Orders))]
    public Task Whatever_a_store_does_the_verdict_is_right_and_accepted_means_verified_and_spent(string order) =>
        // Off the test's synchronization context, which would keep continuations from the store's threads.
        Task.Run(async () =>
        {
            foreach (var (lookUp, spend) in Pairs())
                foreach (var pace in Enum.GetValues<StorePace>())
                    foreach (var leaves in Enum.GetValues<Leaving>())
                        foreach (var isGood in new[] { true, false })
                            await CheckAsync(new Script(Enum.Parse<SpendOrder>(order), lookUp, spend, pace, leaves, isGood));
        });

    [Theory, MemberData(nameof(Orders))]
    public Task The_verdict_and_what_follows_it_keep_off_the_thread_of_the_store(string order) => Task.Run(async () =>
    {
        var store = new PacedStore(StoreAnswer.Fresh, StoreAnswer.Fresh, StorePace.OnItsThread);
        await using var world = new RedemptionWorld(store, settings: ("SpentTokens:Order", order));
        var redemption = world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa)));
        store.Go();
        Assert.Equal(RedemptionResult.Accepted, await redemption);
        Assert.False(OwnThread.IsCurrent);
        Assert.False(store.WasKeptFromItsThread);
    });

    private static IEnumerable<(StoreAnswer LookUp, StoreAnswer Spend)> Pairs() =>
        from lookUp in Enum.GetValues<StoreAnswer>() from spend in Enum.GetValues<StoreAnswer>() select (lookUp, spend);

    private static async Task CheckAsync(Script script)
    {
        var store = new PacedStore(script.LookUp, script.Spend, script.Pace);
        await using var world = new RedemptionWorld(store, settings: ("SpentTokens:Order", script.Order.ToString()));
        using var client = new CancellationTokenSource();
        if (script.Leaves == Leaving.DuringLookUp) store.DuringLookUp = client.Cancel;
        if (script.Leaves == Leaving.DuringSpend) store.DuringSpend = client.Cancel;

        var redemption = world.Redeemer.RedeemAsync(new(script.IsGood ? _good.Value : _forged.Value, default), null, client.Token);
        store.Go();
        string verdict;
        try
        {
            verdict = (await redemption).ToString();
        }
        catch (OperationCanceledException)
        {
            verdict = Aborted;
        }

        Assert.True(Expected(script) == verdict, $"{script}: {verdict} instead of {Expected(script)}");
        Assert.Equal(verdict == Aborted ? 0 : 1, world.CountedInAll);
        Assert.True(store.Spends <= (script.IsGood ? 1 : 0), $"{script}: {store.Spends} spends");
        if (verdict == nameof(RedemptionResult.Accepted)) Assert.Equal(1, store.Spends);
        Assert.Equal(script.Order == SpendOrder.VerifyFirst ? 0 : 1, store.LookUps);
        if (script.Leaves == Leaving.DuringLookUp && store.LookUps == 1 && script.IsGood) Assert.Equal(0, store.Spends);
    }

    /// <summary>What ought to happen, said again in other words.</summary>
    private static string Expected(Script script)
    {
        var looksUp = script.Order != SpendOrder.VerifyFirst;
        // The signature is checked while the answer is on its way: whatever it is, it does not matter.
        if (script is { Order: SpendOrder.Overlapped, Pace: not StorePace.AtOnce, IsGood: false }) return nameof(RedemptionResult.InvalidToken);
        var hasLeft = looksUp && script.Leaves == Leaving.DuringLookUp;
        if (looksUp && script.LookUp != StoreAnswer.Fresh) return Refusal(script.LookUp, hasLeft);
        if (!script.IsGood) return nameof(RedemptionResult.InvalidToken);
        if (hasLeft) return Aborted;
        return script.Spend == StoreAnswer.Fresh
            ? nameof(RedemptionResult.Accepted)
            : Refusal(script.Spend, script.Leaves == Leaving.DuringSpend);
    }

    private static string Refusal(StoreAnswer answer, bool hasLeft) => answer switch
    {
        StoreAnswer.AlreadySpent => nameof(RedemptionResult.AlreadySpent),
        StoreAnswer.Cancels when hasLeft => Aborted,
        _ => nameof(RedemptionResult.StoreUnavailable),
    };

    /// <summary>When the client leaves.</summary>
    private enum Leaving
    {
        Never,
        DuringLookUp,
        DuringSpend,
    }

    private sealed record Script(SpendOrder Order, StoreAnswer LookUp, StoreAnswer Spend, StorePace Pace, Leaving Leaves, bool IsGood);
}
