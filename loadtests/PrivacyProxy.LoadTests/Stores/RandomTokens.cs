using System.Runtime.InteropServices;
using PrivacyPass;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.LoadTests.Stores;

/// <summary>Spent tokens without cryptography: random keys of one issuer key, at a few nanoseconds each. Not safe for concurrent use.</summary>
internal sealed class RandomTokens(ulong seed)
{
    private static readonly TokenKeyId _partition = TokenKeyId.Of("load test"u8);

    private readonly long _expires = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();
    private ulong _state = seed;

    public SpentToken Next()
    {
        Span<ulong> words = [NextWord(), NextWord(), NextWord(), NextWord()];
        return new SpentToken(new SpentTokenKey(MemoryMarshal.AsBytes(words)), _partition, _expires);
    }

    /// <summary>Token number <paramref name="index"/>: the same for all with one seed.</summary>
    public static SpentToken Numbered(ulong seed, int index, long expires)
    {
        var source = new RandomTokens(seed ^ ((ulong)(index + 1) * 0xD1B54A32D192ED03));
        return source.Next() with { Expires = expires };
    }

    /// <summary>SplitMix64.</summary>
    private ulong NextWord()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
