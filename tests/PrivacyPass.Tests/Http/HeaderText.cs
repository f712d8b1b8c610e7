using FsCheck;
using FsCheck.Fluent;

namespace PrivacyPass.Tests.Http;

/// <summary>Random text made of what authentication fields are made of, so that it reaches every branch of a parser.</summary>
internal static class HeaderText
{
    private static readonly string[] _parts =
    [
        "PrivateToken", "Basic", "Preshared", "token", "challenge", "token-key", "max-age", "realm", "extensions", " ", "  ", "\t", ",", "=", "==",
        "\"", "\\", "\\\"", "\0", "\r\n", "\u007f", "é", "\ud800", "10", "-1", "99999999999999999999", "AAIAAWkAAAA", "AAIAAWkAAAA=", "+/", "%", "AAA",
        "challenge=\"AAIAAWkAAAA=\"", "token=\"", "realm=\"a\tb\\\"c\"", "max-age=\"10\"",
    ];

    public static Gen<string> Fragments { get; } =
        Gen.OneOf(Gen.Elements(_parts), Gen.Elements(SampleTokens.Padded1, SampleTokens.Unpadded1, SampleTokens.Padded2), Gen.Choose(0, 0xff).Select(c => ((char)c).ToString()))
            .ListOf()
            .Select(string.Concat);
}
