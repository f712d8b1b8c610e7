using System.Security.Cryptography;
using System.Text;
using PrivacyProxy.Egress.Pools;

namespace PrivacyProxy.Egress.Places;

/// <summary>
/// A hint that another proxy vouches for: <c>xn76c-JP;proof=...</c>, an HMAC over the hint and the day. All who are in a place on a day
/// carry the same proof, so it tells nobody from the others there.
/// </summary>
internal static class PlaceProof
{
    private const string Parameter = ";proof=";

    /// <summary>As hexadecimal digits: 128 bits.</summary>
    private const int Length = 32;

    private static readonly long _day = TimeSpan.FromDays(1).Ticks;

    /// <summary>The hint with its proof.</summary>
    public static string Add(string hint, byte[] secret, DateTimeOffset now) => hint + Parameter + Of(hint, secret, Day(now));

    /// <summary>The hint alone; null where there is no proof, or one that is wrong or older than yesterday.</summary>
    public static string? Check(string text, byte[] secret, DateTimeOffset now)
    {
        var at = text.IndexOf(Parameter, StringComparison.Ordinal);
        if (at < 0 || text.Length != at + Parameter.Length + Length) return null;
        var (hint, proof) = (text[..at], Encoding.ASCII.GetBytes(text[^Length..]));
        if (!GeohashHint.TrySplit(hint, out _, out _)) return null;
        var today = Day(now);
        // Tomorrow's, as no two clocks are alike.
        for (var day = today - 1; day <= today + 1; day++)
            if (CryptographicOperations.FixedTimeEquals(proof, Encoding.ASCII.GetBytes(Of(hint, secret, day)))) return hint;
        return null;
    }

    private static long Day(DateTimeOffset now) => now.UtcTicks / _day;

    private static string Of(string hint, byte[] secret, long day) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"privacy-proxy place {day} {hint}")))[..Length];
}
