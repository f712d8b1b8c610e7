using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Testing.SpentTokens;

/// <summary>Spent tokens by number.</summary>
internal static class TestTokens
{
    /// <summary>A clock that stands still until it is moved.</summary>
    public static FakeTimeProvider Clock() => new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public static SpentTokenKey Key(int number) => new(SHA256.HashData(BitConverter.GetBytes(number)));

    public static TokenKeyId Issuer(int number) => TokenKeyId.Of(BitConverter.GetBytes(number));

    public static SpentToken Token(int number, long expires, int issuer = 0) => new(Key(number), Issuer(issuer), expires);
}
