using System.Buffers;

namespace PrivacyRelay.Upstream;

/// <summary>Where the first of two proxies has last said that the relay is, for the second.</summary>
internal sealed class ToldPlace
{
    private const string Field = "sec-ch-geohash";

    /// <summary>About a kilometre. A finer place, or another text, could serve to tell the relay from others.</summary>
    private const int MaxGeohash = 6;

    private const string Proof = ";proof=";
    private const int ProofLength = 32;

    private static readonly SearchValues<char> _geohash = SearchValues.Create("0123456789bcdefghjkmnpqrstuvwxyz");
    private static readonly SearchValues<char> _hexadecimal = SearchValues.Create("0123456789abcdef");

    private volatile string? _hint;

    /// <summary>As the first proxy wrote it; null until it has said something.</summary>
    public string? Hint => _hint;

    /// <summary>Reads the answer of the first proxy.</summary>
    public void Hear(ConnectResponse response) => _hint = response.Values(Field) is [var hint] && IsHint(hint) ? hint : null;

    /// <summary>A geohash, a hyphen and a country; and perhaps the first proxy's proof, which is the second's to look at.</summary>
    private static bool IsHint(ReadOnlySpan<char> text)
    {
        if (text.IndexOf(Proof) is >= 0 and var at)
        {
            var proof = text[(at + Proof.Length)..];
            if (proof.Length != ProofLength || proof.ContainsAnyExcept(_hexadecimal)) return false;
            text = text[..at];
        }

        return text.IndexOf('-') is > 0 and <= MaxGeohash and var hyphen && !text[..hyphen].ContainsAnyExcept(_geohash)
            && text[(hyphen + 1)..] is [>= 'A' and <= 'Z', >= 'A' and <= 'Z'];
    }
}
