using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.Http;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.Redemption;

/// <summary>Decides about credentials, in an order that sheds bad ones soon: parse, known challenge and key, then what <see cref="SpendSequence"/> does.</summary>
internal sealed class Redeemer : IRedeemer, IDisposable
{
    private readonly AcceptedKeySet _keys;
    private readonly SpendSequence _sequence;
    private readonly RedemptionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Refusals _refusals;
    private readonly IOptionsMonitor<AuthenticationOptions> _authentication;
    private readonly IOptionsMonitor<SpentTokenOptions> _spending;
    private readonly IDisposable?[] _subscriptions;
    private volatile RedemptionPolicy _policy;

    public Redeemer(
        AcceptedKeySet keys, SpendSequence sequence, IOptionsMonitor<AuthenticationOptions> authentication, IOptionsMonitor<SpentTokenOptions> spending,
        Refusals refusals, RedemptionMetrics metrics, TimeProvider time)
    {
        (_keys, _sequence, _refusals, _metrics, _time) = (keys, sequence, refusals, metrics, time);
        (_authentication, _spending) = (authentication, spending);
        _policy = Policy();
        _subscriptions = [authentication.OnChange(_ => _policy = Policy()), spending.OnChange(_ => _policy = Policy())];
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedemptionResult> RedeemAsync(TunnelCredentials credentials, RequestTrace? trace, CancellationToken cancellationToken)
    {
        trace?.Begin(TracePhase.Redeem);
        var policy = _policy;
        // The one place that counts results.
        var result = Examine(credentials, policy, out var candidate) ?? await _sequence.RunAsync(candidate, policy.Order, trace, cancellationToken);
        _metrics.Redeemed(result);
        trace?.EndRedeem(result);
        return result;
    }

    public Refusal Refuse(RedemptionResult result, TunnelKind kind) => _refusals.For(result, kind);

    public void Dispose()
    {
        foreach (var subscription in _subscriptions) subscription?.Dispose();
    }

    private RedemptionPolicy Policy() => new(_authentication.CurrentValue, _spending.CurrentValue.Order);

    /// <summary>The verdict, where it takes neither I/O nor a signature check; otherwise null and the candidate.</summary>
    private RedemptionResult? Examine(TunnelCredentials credentials, RedemptionPolicy policy, out RedemptionCandidate candidate)
    {
        candidate = default;
        if (!policy.Required) return RedemptionResult.Accepted;
        var certified = policy.Certificates.Check(credentials.Certificate, _time.GetUtcNow());
        if (certified == RedemptionResult.CertificateAccepted || policy.Certificates.IsOnlyWay) return certified ?? RedemptionResult.Missing;
        var choice = CredentialChoice.Of(credentials, policy.ReadOptions);
        if (choice.Value is not { } value) return choice.Result == RedemptionResult.Missing ? certified ?? Unauthenticated(policy) : choice.Result;
        if (policy.PresharedKeys.Check(value) is { } preshared) return preshared;

        // Outlives this method: read once, and pooled.
        var bytes = ArrayPool<byte>.Shared.Rent(RedemptionCandidate.BufferSize);
        var refusal = ExamineToken(value, bytes, policy, out candidate);
        if (refusal is not null) ArrayPool<byte>.Shared.Return(bytes);
        return refusal;
    }

    private RedemptionResult? ExamineToken(string value, byte[] bytes, RedemptionPolicy policy, out RedemptionCandidate candidate)
    {
        candidate = default;
        var error = PrivateTokenCredentials.TryRead(value, bytes, out var length, policy.ReadOptions);
        if (error != PrivateTokenError.None) return Result(error);
        if (!TokenView.TryRead(bytes.AsSpan(0, length), out var token)) return RedemptionResult.Malformed;

        switch (_keys.Current.Examine(token, _time.GetUtcNow(), out var key))
        {
            case TokenStanding.Known: break;
            case TokenStanding.NotReady: return RedemptionResult.NotReady;
            case TokenStanding.UnsupportedType: return RedemptionResult.UnsupportedType;
            case TokenStanding.WrongChallenge: return RedemptionResult.WrongChallenge;
            default: return RedemptionResult.UnknownKey;
        }

        var extensionsLength = 0;
        if (TokenSizes.HasExtensions(token.Type) && ExamineExtensions(value, bytes.AsSpan(TokenSizes.LargestToken), policy, out extensionsLength) is { } refusal) return refusal;
        candidate = new RedemptionCandidate(bytes, length, extensionsLength, token, key!);
        return null;
    }

    /// <summary>What can be said of extensions before the signature that binds the token to them.</summary>
    private RedemptionResult? ExamineExtensions(string value, Span<byte> bytes, RedemptionPolicy policy, out int length) =>
        PresentedExtensions.Examine(value, bytes, _time.GetUtcNow(), out length, out _, policy.ReadOptions) switch
        {
            ExtensionStanding.Good => null,
            ExtensionStanding.Expired => RedemptionResult.TokenExpired,
            _ => RedemptionResult.Malformed,
        };

    public string? CountryOf(TunnelCredentials credentials)
    {
        // Nearly always so, and the hot path's way out.
        if (!_keys.Current.Offers(TokenType.PartiallyBlindRsa2048)) return null;
        var options = _policy.ReadOptions;
        Span<byte> bytes = stackalloc byte[TokenExtensions.LargestRead];
        if (CredentialChoice.Of(credentials, options).Value is not { } value
            || PrivateTokenCredentials.TryRead(value, bytes, out var length, options) != PrivateTokenError.None
            || !TokenView.TryRead(bytes[..length], out var token) || !TokenSizes.HasExtensions(token.Type)
            || PrivateTokenCredentials.TryReadExtensions(value, bytes, out length, options) != PrivateTokenError.None
            || !TokenExtensions.TryRead(bytes[..length], out var extensions) || !extensions!.TryGetGeoHint(out var hint))
            return null;
        return hint?.Split(',')[0];
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
}
