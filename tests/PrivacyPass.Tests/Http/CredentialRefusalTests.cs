using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

public sealed class CredentialRefusalTests
{
    public static TheoryData<string, PrivateTokenError> Refused => new()
    {
        { "", PrivateTokenError.OtherScheme },
        { "Preshared secret", PrivateTokenError.OtherScheme },
        { "Basic dTpw", PrivateTokenError.OtherScheme },
        { $"PrivacyToken token={SampleTokens.Padded2}", PrivateTokenError.OtherScheme },
        { $"PrivateTokens token={SampleTokens.Padded2}", PrivateTokenError.OtherScheme },
        { $"Basic dTpw, PrivateToken token={SampleTokens.Padded2}", PrivateTokenError.OtherScheme },
        { "PrivateToken", PrivateTokenError.NoToken },
        { "PrivateToken ", PrivateTokenError.NoToken },
        { "PrivateToken extensions=\"AAA=\"", PrivateTokenError.NoToken },
        { $"PrivateToken x=\"token={SampleTokens.Padded2}\"", PrivateTokenError.NoToken },
        { $"PrivateToken token=\"{SampleTokens.Padded2}\", Token=\"{SampleTokens.Padded2}\"", PrivateTokenError.DuplicateToken },
        { $"PrivateToken {SampleTokens.Padded2}", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken {SampleTokens.Padded1}", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"{SampleTokens.Padded2}\", Preshared secret", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"{SampleTokens.Padded2}", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"{SampleTokens.Padded2}\\", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token={SampleTokens.Padded2}\"", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"{SampleTokens.Padded2}\"x", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"{SampleTokens.Padded2}\r\n\"", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"{SampleTokens.Padded2}\\\0\"", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"{SampleTokens.Padded2}\", x=\"\u007f\"", PrivateTokenError.MalformedSyntax },
        { "PrivateToken token=", PrivateTokenError.MalformedSyntax },
        { "PrivateToken token", PrivateTokenError.MalformedSyntax },
        { "PrivateToken =x", PrivateTokenError.MalformedSyntax },
        { "PrivateToken tokén=x", PrivateTokenError.MalformedSyntax },
        { $"PrivateToken token=\"+{SampleTokens.Padded2[1..]}\"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token={SampleTokens.Padded2[..^1]}/", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Padded2[..^1]} \"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Padded2[..^1]}%\"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Unpadded1}%\"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Unpadded1}==\"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Unpadded1}=====\"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Unpadded1[..^1]}={SampleTokens.Unpadded1[^1]}\"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Padded2[..^1]}é\"", PrivateTokenError.NotBase64Url },
        { "PrivateToken token=A", PrivateTokenError.NotBase64Url },
        { "PrivateToken token=\"====\"", PrivateTokenError.NotBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Unpadded1[..^1]}{Next(SampleTokens.Unpadded1[^1])}\"", PrivateTokenError.NonCanonicalBase64Url },
        { $"PrivateToken token=\"{SampleTokens.Unpadded1[..^1]}{Next(SampleTokens.Unpadded1[^1])}=\"", PrivateTokenError.NonCanonicalBase64Url },
        { "PrivateToken token=\"AAJ\"", PrivateTokenError.NonCanonicalBase64Url },
        { "PrivateToken token=\"\"", PrivateTokenError.WrongLength },
        { "PrivateToken token=AA", PrivateTokenError.WrongLength },
        { "PrivateToken token=AAI", PrivateTokenError.WrongLength },
        { Header(0x0002, 353), PrivateTokenError.WrongLength },
        { Header(0x0002, 146), PrivateTokenError.WrongLength },
        { Header(0x0001, 354), PrivateTokenError.WrongLength },
        { Header(0x0001, 145), PrivateTokenError.WrongLength },
        { Header(0x0002, 355), PrivateTokenError.TooLong },
        { Header(0x0002, 5000), PrivateTokenError.TooLong },
        { "PrivateToken token=\"" + new string('\\', 2000) + "\"", PrivateTokenError.TooLong },
        { Header(0x0003, 162), PrivateTokenError.UnsupportedType },
        { Header(0xDA7B, 354), PrivateTokenError.UnsupportedType },
        { Header(0x0000, 162), PrivateTokenError.GreasedType },
        { Header(0xF057, 354), PrivateTokenError.GreasedType },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_value_without_a_usable_token_is_refused_with_its_reason(string header, PrivateTokenError reason)
    {
        Assert.Equal(reason, PrivateTokenCredentials.TryRead(header, new byte[TokenSizes.LargestToken], out var length));
        Assert.Equal(0, length);
    }

    [Theory]
    [InlineData("PrivateToken token=x", true)]
    [InlineData("PRIVATETOKEN token=x", true)]
    [InlineData(" PrivateToken", true)]
    [InlineData("PrivateTokenX", false)]
    [InlineData("Private", false)]
    [InlineData("", false)]
    public void The_scheme_is_compared_whole_and_without_case(string header, bool expected) =>
        Assert.Equal(expected, PrivateTokenCredentials.IsPrivateToken(header));

    [Fact]
    public void A_buffer_too_small_for_any_token_is_the_callers_error() =>
        Assert.Throws<ArgumentException>(() => PrivateTokenCredentials.TryRead("PrivateToken", new byte[353], out _));

    private static string Header(ushort type, int size) => PrivateTokenCredentials.Write(SampleTokens.Make(type, size));

    /// <summary>The neighbour of a base64url character that differs in the lowest bit.</summary>
    private static char Next(char c)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return Alphabet[Alphabet.IndexOf(c, StringComparison.Ordinal) ^ 1];
    }
}
