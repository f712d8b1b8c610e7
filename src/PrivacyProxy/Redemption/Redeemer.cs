using PrivacyPass;
using PrivacyPass.Http;
using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Redemption;

/// <summary>Decides about credentials, in the order that sheds bad ones soonest: parse, known challenge and key, look up, verify, spend.</summary>
internal sealed class Redeemer : IRedeemer, IDisposable
{
    private readonly IssuerKeySet _keys;
    private readonly ISpentTokenStore _store;
    private readonly ProxyMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Refusals _refusals;
    private readonly IDisposable? _subscription;
    private volatile RedemptionPolicy _policy;

    public Redeemer(IssuerKeySet keys, ISpentTokenStore store, LiveOptions options, Refusals refusals, ProxyMetrics metrics, TimeProvider time)
    {
        (_keys, _store, _refusals, _metrics, _time) = (keys, store, refusals, metrics, time);
        _policy = new RedemptionPolicy(options.CurrentValue);
        _subscription = options.OnChange((changed, _) => _policy = new RedemptionPolicy(changed));
    }

    public async ValueTask<RedemptionResult> RedeemAsync(TunnelCredentials credentials, CancellationToken cancellationToken)
    {
        // The one place that counts results.
        var result = await DecideAsync(credentials, cancellationToken);
        _metrics.Redeemed(result);
        return result;
    }

    public TunnelAnswer Refuse(RedemptionResult result, TunnelKind kind) => _refusals.For(result, kind);

    public void Dispose() => _subscription?.Dispose();

    private async ValueTask<RedemptionResult> DecideAsync(TunnelCredentials credentials, CancellationToken cancellationToken)
    {
        var policy = _policy;
        if (!policy.Required) return RedemptionResult.Accepted;
        var choice = CredentialChoice.Of(credentials, policy.ReadOptions);
        if (choice.Value is not { } value) return choice.Result == RedemptionResult.Missing ? Unauthenticated(policy) : choice.Result;
        if (policy.PresharedKeys.Check(value) is { } preshared) return preshared;

        var looksUpFirst = _store.LooksUpFirst && !policy.VerifyFirst;
        var candidate = Examine(value, policy, verify: !looksUpFirst);
        if (candidate.Key is null) return candidate.Result;
        if (looksUpFirst)
        {
            var outcome = await _store.LookUpAsync(candidate.Token, cancellationToken);
            if (outcome != SpendOutcome.Fresh) return Result(outcome);
            if (!Verify(value, policy, candidate.Key)) return RedemptionResult.InvalidToken;
        }
        return Result(await _store.SpendAsync(candidate.Token, cancellationToken));
    }

    /// <summary>All that needs no I/O.</summary>
    private Candidate Examine(string value, RedemptionPolicy policy, bool verify)
    {
        Span<byte> bytes = stackalloc byte[TokenSizes.LargestToken];
        var error = PrivateTokenCredentials.TryRead(value, bytes, out var length, policy.ReadOptions);
        if (error != PrivateTokenError.None) return new Candidate(Result(error));
        if (!TokenView.TryRead(bytes[..length], out var token)) return new Candidate(RedemptionResult.Malformed);

        var keys = _keys.Current;
        var key = keys.Find(token.KeyId);
        // While an issuer's keys are missing, a token that nothing known fits may be good.
        if (key is null && keys.Pending.Count > 0) return new Candidate(RedemptionResult.NotReady);
        if (!keys.Offers(token.Type)) return new Candidate(RedemptionResult.UnsupportedType);
        if (keys.FindIssuer(token) is not { } issuer) return new Candidate(RedemptionResult.WrongChallenge);
        if (key is null || key.Type != token.Type || !key.IsAcceptedAt(_time.GetUtcNow())) return new Candidate(RedemptionResult.UnknownKey);
        // A key is trusted for its own issuer only.
        if (!string.Equals(key.Issuer, issuer, StringComparison.Ordinal)) return new Candidate(RedemptionResult.WrongChallenge);
        if (verify && !key.Verifier.Verify(token)) return new Candidate(RedemptionResult.InvalidToken);
        return new Candidate(RedemptionResult.Accepted, key, SpentToken.Of(token, key.Expires));
    }

    /// <summary>Reads the token again: cheaper than keeping its bytes over the look-up.</summary>
    private static bool Verify(string value, RedemptionPolicy policy, AcceptedKey key)
    {
        Span<byte> bytes = stackalloc byte[TokenSizes.LargestToken];
        return PrivateTokenCredentials.TryRead(value, bytes, out var length, policy.ReadOptions) == PrivateTokenError.None
            && TokenView.TryRead(bytes[..length], out var token)
            && key.Verifier.Verify(token);
    }

    /// <summary>No credentials: a challenge, or where there is none to make yet, "come back later".</summary>
    private RedemptionResult Unauthenticated(RedemptionPolicy policy)
    {
        var keys = _keys.Current;
        return keys.ChallengeFields.Count == 0 && keys.Pending.Count > 0 && policy.PresharedKeys.IsEmpty ? RedemptionResult.NotReady : RedemptionResult.Missing;
    }

    private static RedemptionResult Result(PrivateTokenError error) => error switch
    {
        PrivateTokenError.OtherScheme => RedemptionResult.UnknownScheme,
        PrivateTokenError.GreasedType or PrivateTokenError.UnsupportedType => RedemptionResult.UnsupportedType,
        _ => RedemptionResult.Malformed,
    };

    private static RedemptionResult Result(SpendOutcome outcome) => outcome switch
    {
        SpendOutcome.Fresh => RedemptionResult.Accepted,
        SpendOutcome.AlreadySpent => RedemptionResult.AlreadySpent,
        _ => RedemptionResult.StoreUnavailable,
    };

    private readonly record struct Candidate(RedemptionResult Result, AcceptedKey? Key = null, SpentToken Token = default);
}
