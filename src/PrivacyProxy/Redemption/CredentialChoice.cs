using Microsoft.Extensions.Primitives;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>Which of the two header fields counts.</summary>
/// <param name="Value">The field value to redeem; null when <see cref="Result"/> is the answer.</param>
/// <param name="Result">Missing, Malformed or Conflicting where there is no value.</param>
internal readonly record struct CredentialChoice(string? Value, RedemptionResult Result)
{
    public static CredentialChoice Of(TunnelCredentials credentials, PrivateTokenReadOptions options)
    {
        if (!TryTake(credentials.ProxyAuthorization, out var forProxy) || !TryTake(credentials.Authorization, out var forOrigin))
            return new CredentialChoice(null, RedemptionResult.Malformed);
        if (forProxy is null && forOrigin is null) return new CredentialChoice(null, RedemptionResult.Missing);
        if (forProxy is null || forOrigin is null || AreEqual(forProxy, forOrigin, options)) return new CredentialChoice(forProxy ?? forOrigin, default);
        return new CredentialChoice(null, RedemptionResult.Conflicting);
    }

    /// <summary>A field may come once: with two there is no telling which one another party saw.</summary>
    private static bool TryTake(StringValues field, out string? value)
    {
        value = field.Count == 1 ? field[0] : null;
        return field.Count == 0 || (field.Count == 1 && !string.IsNullOrWhiteSpace(value));
    }

    /// <summary>Equal text, or the same token written in two ways.</summary>
    private static bool AreEqual(string left, string right, PrivateTokenReadOptions options)
    {
        if (string.Equals(left, right, StringComparison.Ordinal)) return true;
        Span<byte> leftToken = stackalloc byte[TokenSizes.LargestToken];
        Span<byte> rightToken = stackalloc byte[TokenSizes.LargestToken];
        return PrivateTokenCredentials.TryRead(left, leftToken, out var leftLength, options) == PrivateTokenError.None
            && PrivateTokenCredentials.TryRead(right, rightToken, out var rightLength, options) == PrivateTokenError.None
            && leftToken[..leftLength].SequenceEqual(rightToken[..rightLength]);
    }
}
