using FsCheck;
using FsCheck.Fluent;

namespace PrivacyPass.Tests;

public sealed class TokenExtensionsTests
{
    private static readonly DateTimeOffset _time = DateTimeOffset.FromUnixTimeSeconds(1_800_000_123);

    [Fact]
    public void An_expiration_is_cut_to_its_precision_and_read_again()
    {
        var extensions = new TokenExtensions([TokenExtension.Expiration(_time, TimeSpan.FromMinutes(15))]);
        Assert.True(TokenExtensions.TryRead(extensions.Encoded.Span, out var read));
        Assert.True(read!.TryGetExpiration(out var expiration));
        Assert.Equal(1_800_000_123 / 900 * 900, expiration!.Value.ToUnixTimeSeconds());
        Assert.True(read.TryGetGeoHint(out var hint));
        Assert.Null(hint);
    }

    [Fact]
    public void A_geo_hint_is_read_again() => Assert.Equal("US,US-AL,ALABASTER", Hint(TokenExtension.GeoHint("US,US-AL,ALABASTER").Data.ToArray()));

    [Theory]
    [InlineData("010203")]
    [InlineData("0000000000000384000000006B49D200FF")]
    [InlineData("0000000000000000000000006B49D200")] // no precision
    [InlineData("0000000000000384000000006B49D201")] // no multiple of it
    [InlineData("0000000000000001FFFFFFFFFFFFFFFF")] // beyond all times
    public void An_expiration_that_is_malformed_is_no_expiration(string data)
    {
        var extensions = new TokenExtensions([new TokenExtension(TokenExtension.ExpirationType, Convert.FromHexString(data))]);
        Assert.False(extensions.TryGetExpiration(out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000")]
    [InlineData("00034445")]
    [InlineData("0001444500")]
    [InlineData("00010A")] // a line feed
    public void A_geo_hint_that_is_malformed_is_none(string data) => Assert.Equal("refused", Hint(Convert.FromHexString(data)));

    [Fact]
    public void An_extension_there_twice_is_not_taken_for_either()
    {
        var once = TokenExtension.Expiration(_time, TimeSpan.FromSeconds(1));
        var twice = new TokenExtensions([once, TokenExtension.Expiration(_time.AddDays(1), TimeSpan.FromSeconds(1)), TokenExtension.GeoHint("DE"), TokenExtension.GeoHint("FR")]);
        Assert.False(twice.TryGetExpiration(out _));
        Assert.False(twice.TryGetGeoHint(out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0001")]
    [InlineData("000000")]
    [InlineData("0003000100")]
    [InlineData("00050001000200")]
    [InlineData("00080002000000010000")] // not in order
    public void Malformed_extensions_are_refused(string hex) => Assert.False(TokenExtensions.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void Whatever_is_written_is_read_again_and_random_bytes_are_read_or_refused()
    {
        var item = from type in ArbMap.Default.GeneratorFor<ushort>() from data in ArbMap.Default.GeneratorFor<byte[]>() select new TokenExtension(type, data);
        Check.QuickThrowOnFailure(Prop.ForAll(item.ListOf().ToArbitrary(), items =>
        {
            var written = new TokenExtensions(items.OrderBy(each => each.Type));
            Assert.True(TokenExtensions.TryRead(written.Encoded.Span, out var read));
            Assert.Equal(written.Items.Select(each => (each.Type, Convert.ToHexString(each.Data.Span))), read!.Items.Select(each => (each.Type, Convert.ToHexString(each.Data.Span))));
            Assert.False(TokenExtensions.TryRead([.. written.Encoded.Span, 0], out _));
        }));
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            byte[] framed = [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
            if (!TokenExtensions.TryRead(framed, out var read)) return;
            Assert.Equal(framed, new TokenExtensions(read!.Items).Encoded.ToArray());
            read.TryGetExpiration(out _);
            read.TryGetGeoHint(out _);
        }));
    }

    private static string? Hint(byte[] data) =>
        new TokenExtensions([new TokenExtension(TokenExtension.GeoHintType, data)]).TryGetGeoHint(out var hint) ? hint : "refused";
}
