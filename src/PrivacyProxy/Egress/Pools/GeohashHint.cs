using System.Buffers;

namespace PrivacyProxy.Egress.Pools;

/// <summary>The hint <c>&lt;geohash&gt;-&lt;CC&gt;</c>, such as <c>xn76c-JP</c>; the client wrote it, so it may say anything.</summary>
internal static class GeohashHint
{
    /// <summary>The field it comes in.</summary>
    public const string FieldName = "sec-ch-geohash";

    public const int MaxGeohashLength = 12;

    private static readonly SearchValues<char> _alphabet = SearchValues.Create("0123456789bcdefghjkmnpqrstuvwxyzBCDEFGHJKMNPQRSTUVWXYZ");

    /// <summary>Splits a hint, quoted or not, without what may follow a semicolon; false for anything malformed.</summary>
    public static bool TrySplit(ReadOnlySpan<char> hint, out ReadOnlySpan<char> geohash, out ReadOnlySpan<char> country)
    {
        if (hint.IndexOf(';') is >= 0 and var parameters) hint = hint[..parameters];
        hint = hint.Trim();
        if (hint is ['"', .. var inner, '"']) hint = inner;
        var dash = hint.IndexOf('-');
        geohash = dash < 0 ? default : hint[..dash];
        country = dash < 0 ? default : hint[(dash + 1)..];
        return IsGeohash(geohash) && IsCountry(country);
    }

    public static bool IsGeohash(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxGeohashLength && !text.ContainsAnyExcept(_alphabet);

    public static bool IsCountry(ReadOnlySpan<char> text) =>
        text.Length == 2 && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[1]);
}
