using System.Security.Cryptography;
using System.Text;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>The preshared keys, kept and compared as SHA-256: every key is compared in full, so time tells nothing.</summary>
internal sealed class PresharedKeys
{
    public const string Scheme = "Preshared";

    /// <summary>Longer credentials are wrong without being hashed.</summary>
    private const int LongestKey = 1024;

    private readonly byte[][] _hashes;
    private readonly bool _takesBasic;

    /// <param name="keys">The keys.</param>
    /// <param name="takesBasic">Whether one may come as the password of Basic credentials.</param>
    public PresharedKeys(IEnumerable<string> keys, bool takesBasic = false)
    {
        _hashes = [.. keys.Select(static key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];
        _takesBasic = takesBasic;
    }

    public bool IsEmpty => _hashes.Length == 0;

    /// <summary>Decides about the value of a header field; null when its scheme is another.</summary>
    public RedemptionResult? Check(ReadOnlySpan<char> headerValue)
    {
        var value = headerValue.Trim(" \t");
        if (TryTakeScheme(value, Scheme, out var key)) return IsEmpty ? RedemptionResult.UnknownScheme : CheckKey(key);
        return _takesBasic && TryTakeScheme(value, BasicCredentials.Scheme, out var token) ? CheckBasic(token) : null;
    }

    private static bool TryTakeScheme(ReadOnlySpan<char> value, string scheme, out ReadOnlySpan<char> rest)
    {
        rest = value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? value[scheme.Length..] : "x";
        if (!rest.IsEmpty && rest[0] is not (' ' or '\t')) return false;
        rest = rest.TrimStart(" \t");
        return true;
    }

    private RedemptionResult CheckKey(ReadOnlySpan<char> key)
    {
        if (key.IsEmpty || key.ContainsAny(" \t,")) return RedemptionResult.Malformed;
        Span<byte> bytes = stackalloc byte[LongestKey];
        return Result(Encoding.UTF8.TryGetBytes(key, bytes, out var length) && Matches(bytes[..length]));
    }

    private RedemptionResult CheckBasic(ReadOnlySpan<char> token)
    {
        if (token.IsEmpty || token.ContainsAny(" \t,")) return RedemptionResult.Malformed;
        if (token.Length > BasicCredentials.LongestToken) return RedemptionResult.WrongPresharedKey;
        Span<byte> buffer = stackalloc byte[BasicCredentials.LongestToken];
        return BasicCredentials.TryReadPassword(token, buffer, out var password) ? Result(Matches(password)) : RedemptionResult.Malformed;
    }

    private static RedemptionResult Result(bool matches) => matches ? RedemptionResult.PresharedAccepted : RedemptionResult.WrongPresharedKey;

    private bool Matches(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        var matches = false;
        foreach (var known in _hashes) matches |= CryptographicOperations.FixedTimeEquals(hash, known);
        return matches;
    }
}
