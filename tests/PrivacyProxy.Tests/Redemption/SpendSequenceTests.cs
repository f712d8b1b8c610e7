using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;
using Tunneling.Loops;

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

    public static TheoryData<string, bool> OrdersAndPlaces
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var order in Enum.GetNames<SpendOrder>())
            {
                data.Add(order, false);
                data.Add(order, true);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(OrdersAndPlaces))]
    public Task Whatever_a_store_does_the_verdict_is_right_and_accepted_means_verified_and_spent(string order, bool onLoop) =>
        RunAsync(onLoop, async () =>
        {
            // One for all scripts: to read its settings takes longer than they do.
            var stores = new StoresInTurn();
            await using var world = new RedemptionWorld(stores, settings: ("SpentTokens:Order", order));
            foreach (var (lookUp, spend) in Pairs())
                foreach (var pace in Enum.GetValues<StorePace>())
                    foreach (var leaves in Enum.GetValues<Leaving>())
                        foreach (var isGood in new[] { true, false })
                            await CheckAsync(world, stores, new Script(Enum.Parse<SpendOrder>(order), lookUp, spend, pace, leaves, isGood));
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

    [Theory, MemberData(nameof(Orders))]
    public Task A_request_on_a_loop_comes_back_to_its_loop_with_the_verdict(string order) => RunAsync(onLoop: true, async () =>
    {
        var loop = EventLoop.Current;
        foreach (var issuer in new[] { RedemptionWorld.Rsa, RedemptionWorld.Voprf })
        {
            var store = new PacedStore(StoreAnswer.Fresh, StoreAnswer.Fresh, StorePace.OnItsThread);
            await using var world = new RedemptionWorld(store, loaded: false, settings: ("SpentTokens:Order", order));
            var wasOnLoop = new List<bool>();
            world.Keys.Update(world.Source, [new ListedKey(issuer.KeyId, null, null, () => new WatchedVerifier(issuer.CreateVerifier(), () => wasOnLoop.Add(EventLoop.Current is not null)))]);
            var redemption = world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(issuer)));
            store.Go();
            Assert.Equal(RedemptionResult.Accepted, await redemption);
            Assert.Same(loop, EventLoop.Current);
            Assert.False(store.WasKeptFromItsThread);
            Assert.Equal(1, store.Spends);
            // What takes milliseconds keeps nobody else on the loop waiting.
            Assert.Equal(issuer.Type == TokenType.BlindRsa2048, Assert.Single(wasOnLoop));
        }
    });

    /// <summary>On the pool, off the test's synchronization context, which would keep continuations from the store's threads; or on an event loop.</summary>
    private static async Task RunAsync(bool onLoop, Func<Task> test)
    {
        if (!onLoop)
        {
            await Task.Run(test);
            return;
        }

        using var loop = new EventLoop("test", static _ => { });
        var ended = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => ended.SetResult(test()), null);
        await (await ended.Task).WaitAsync(TestTimes.Limit);
    }

    /// <summary>Another one for each script.</summary>
    private sealed class StoresInTurn : ISpentTokenStore
    {
        public PacedStore Current { get; set; } = null!;

        public string Name => Current.Name;

        public bool LooksUpFirst => Current.LooksUpFirst;

        public bool IsReady => Current.IsReady;

        public ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken) => Current.LookUpAsync(token, cancellationToken);

        public ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken) => Current.SpendAsync(token, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class WatchedVerifier(ITokenVerifier inner, Action verifies) : ITokenVerifier
    {
        public TokenType Type => inner.Type;

        public TokenKeyId KeyId => inner.KeyId;

        public ReadOnlyMemory<byte> PublicKey => inner.PublicKey;

        public bool Verify(in TokenView token)
        {
            verifies();
            return inner.Verify(token);
        }

        public void Dispose() => inner.Dispose();
    }

    private static IEnumerable<(StoreAnswer LookUp, StoreAnswer Spend)> Pairs() =>
        from lookUp in Enum.GetValues<StoreAnswer>() from spend in Enum.GetValues<StoreAnswer>() select (lookUp, spend);

    private static async Task CheckAsync(RedemptionWorld world, StoresInTurn stores, Script script)
    {
        var store = stores.Current = new PacedStore(script.LookUp, script.Spend, script.Pace);
        var counted = world.CountedInAll;
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
        Assert.Equal(verdict == Aborted ? 0 : 1, world.CountedInAll - counted);
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
