using System.Security.Cryptography;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Testing.SpentTokens;

/// <summary>Keys of tokens that nobody else has.</summary>
internal static class TestKeys
{
    public static SpentTokenKey Next() => new(RandomNumberGenerator.GetBytes(SpentTokenKey.Size));

    public static SpentTokenKey[] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];
}
