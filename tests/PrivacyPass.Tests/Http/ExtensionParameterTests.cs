using FsCheck;
using FsCheck.Fluent;
using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

/// <summary>The parameter <c>extensions</c> of credentials (draft-ietf-privacypass-auth-scheme-extensions).</summary>
public sealed class ExtensionParameterTests
{
    private static readonly TokenExtensions _extensions = new([new TokenExtension(7, new byte[] { 1, 2, 3 })]);

    [Fact]
    public void Token_and_extensions_are_written_quoted_and_padded_and_read_again()
    {
        var token = Token();
        var value = PrivateTokenCredentials.Write(token, _extensions);
        Assert.Equal($"{PrivateTokenCredentials.Write(token)}, extensions=\"AAcABwADAQID\"", value);
        Assert.Equal((PrivateTokenError.None, Convert.ToHexString(_extensions.Encoded.Span)), Read(value));
        var buffer = new byte[TokenSizes.LargestToken];
        Assert.Equal(PrivateTokenError.None, PrivateTokenCredentials.TryRead(value, buffer, out var length));
        Assert.Equal(token, buffer[..length]);
    }

    [Theory]
    [InlineData("PrivateToken token=\"AA\" extensions=\"AAcABwADAQID\"")] // as Chromium sends it: no comma, no padding
    [InlineData("privatetoken EXTENSIONS=AAcABwADAQID")]
    [InlineData("PrivateToken extensions=\"AAcABwADAQID\", token=\"AA\", other=1")]
    public void Extensions_are_read_as_deployed_clients_send_them(string value) =>
        Assert.Equal((PrivateTokenError.None, Convert.ToHexString(_extensions.Encoded.Span)), Read(value));

    [Theory]
    [InlineData("Basic AAAA", PrivateTokenError.OtherScheme)]
    [InlineData("PrivateToken token=\"AA\"", PrivateTokenError.None)]
    [InlineData("PrivateToken extensions=\"AA\", extensions=\"AA\"", PrivateTokenError.DuplicateToken)]
    [InlineData("PrivateToken extensions=\"A*\"", PrivateTokenError.NotBase64Url)]
    [InlineData("PrivateToken extensions=\"AB==\"", PrivateTokenError.NonCanonicalBase64Url)]
    [InlineData("PrivateToken extensions=\"A\\A\"", PrivateTokenError.NotBase64Url)]
    public void Without_any_or_with_odd_ones_nothing_is_read(string value, PrivateTokenError error) => Assert.Equal((error, ""), Read(value));

    [Fact]
    public void More_than_1024_bytes_are_too_long()
    {
        Assert.Equal(PrivateTokenError.None, Read($"PrivateToken extensions=\"{PaddedBase64Url.Encode(new byte[1024])}\"").Error);
        Assert.Equal(PrivateTokenError.TooLong, Read($"PrivateToken extensions=\"{PaddedBase64Url.Encode(new byte[1025])}\"").Error);
    }

    [Fact]
    public void Whatever_is_written_is_read_again()
    {
        var item = from type in ArbMap.Default.GeneratorFor<ushort>() from size in Gen.Choose(0, 60) from noise in ArbMap.Default.GeneratorFor<byte>() select new TokenExtension(type, Enumerable.Repeat(noise, size).ToArray());
        Check.QuickThrowOnFailure(Prop.ForAll(item.ListOf(5).ToArbitrary(), items =>
        {
            var extensions = new TokenExtensions(items.OrderBy(each => each.Type));
            Assert.Equal((PrivateTokenError.None, Convert.ToHexString(extensions.Encoded.Span)), Read(PrivateTokenCredentials.Write(Token(), extensions)));
        }));
    }

    private static byte[] Token() => [0xDA, 0x7A, .. new byte[352]];

    private static (PrivateTokenError Error, string Extensions) Read(string value)
    {
        var buffer = new byte[2 * TokenExtensions.LargestRead];
        var error = PrivateTokenCredentials.TryReadExtensions(value, buffer, out var length);
        return (error, Convert.ToHexString(buffer[..length]));
    }
}
