using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

public sealed class CredentialPropertyTests
{
    private static readonly Gen<byte[]> _tokens =
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from isType2 in Gen.Elements(true, false)
        select Randomized(isType2 ? SampleTokens.Type2 : SampleTokens.Type1, seed);

    [Property]
    public Property Every_token_written_is_read_back() => Prop.ForAll(_tokens.ToArbitrary(), token =>
        Read(PrivateTokenCredentials.Write(token)) is (PrivateTokenError.None, var read) && read.AsSpan().SequenceEqual(token));

    [Fact]
    public void No_truncation_of_a_header_gives_a_token()
    {
        foreach (var token in new[] { SampleTokens.Type1, SampleTokens.Type2 })
        {
            var header = PrivateTokenCredentials.Write(token);
            for (var length = 0; length < header.Length; length++) Assert.NotEqual(PrivateTokenError.None, Read(header[..length]).Error);
        }
    }

    [Property(MaxTest = 1000)]
    public Property Only_one_text_stands_for_a_token_apart_from_its_padding() => Prop.ForAll(
        _tokens.ToArbitrary(), Gen.Choose(0, 471).ToArbitrary(), Gen.Choose(0x20, 0x7e).ToArbitrary(), (token, at, replacement) =>
        {
            var text = PaddedBase64Url.Encode(token);
            at %= text.TrimEnd('=').Length;
            if (text[at] == replacement || replacement is '\\' or '"') return true;
            var changed = text[..at] + (char)replacement + text[(at + 1)..];
            return Read($"PrivateToken token=\"{changed}\"") is var (error, read)
                && (error != PrivateTokenError.None || !read.AsSpan().SequenceEqual(token));
        });

    [Property(MaxTest = 1000)]
    public Property Random_text_after_the_scheme_never_throws_and_never_reports_a_token_of_another_size() =>
        Prop.ForAll(HeaderText.Fragments.ToArbitrary(), text =>
        {
            var (error, token) = Read("PrivateToken " + text);
            return error != PrivateTokenError.None ? token.Length == 0 : TokenView.TryRead(token, out _);
        });

    [Property(MaxTest = 1000)]
    public Property Any_string_at_all_is_answered_with_an_error_code() => Prop.ForAll<string>(text =>
        Enum.IsDefined(Read(text ?? "").Error));

    private static (PrivateTokenError Error, byte[] Token) Read(string header)
    {
        var token = new byte[TokenSizes.LargestToken];
        var error = PrivateTokenCredentials.TryRead(header, token, out var length);
        return (error, token[..length]);
    }

    private static byte[] Randomized(byte[] template, int seed)
    {
        var token = template.ToArray();
        new Random(seed).NextBytes(token.AsSpan(2));
        return token;
    }
}
