using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Masque;
using PrivacyProxy.Listeners.KestrelHttp3;

namespace PrivacyProxy.Tests.Http3;

/// <summary>The setting that is added to the server's control stream.</summary>
public sealed class ControlStreamTests
{
    private static readonly Gen<ulong> _integers = Gen.OneOf(Gen.Choose(9, 60), Gen.Choose(100, 16_000), Gen.Choose(20_000, int.MaxValue)).Select(static value => (ulong)value);

    [Theory]
    // As Kestrel begins.
    [InlineData("00040506" + "80008000", "00040706" + "80008000" + "0801")]
    [InlineData("000400", "0004020801")]
    // What comes behind is passed on.
    [InlineData("00040206050700", "000404060508010700")]
    // A length that needs more bytes, or has more than it needs.
    [InlineData("0004400206050700", "000404060508010700")]
    // It is there already, on or off.
    [InlineData("0004020801", "0004020801")]
    [InlineData("0004020800", "0004020800")]
    [InlineData("00040406050801", "00040406050801")]
    // Not a control stream, not SETTINGS, a setting cut off, a frame that is too long.
    [InlineData("0204020605", "0204020605")]
    [InlineData("00070100", "00070100")]
    [InlineData("0004010600", "0004010600")]
    [InlineData("00048000100106", "00048000100106")]
    public async Task The_settings_frame_gains_the_setting_once_however_it_is_cut(string start, string expected)
    {
        var bytes = Convert.FromHexString(start);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(expected, await RewriteAsync(bytes[..cut], bytes[cut..]), ignoreCase: true);
        }

        Assert.Equal(expected, await RewriteAsync([.. bytes.Select(static one => new[] { one })]), ignoreCase: true);
    }

    [Theory]
    [InlineData("00040506" + "80008000", "00040906" + "80008000" + "08013301")]
    [InlineData("0004023300", "0004023300")]
    [InlineData("0204020605", "0204020605")]
    public async Task Where_there_are_datagrams_it_gains_their_setting_too(string start, string expected)
    {
        var bytes = Convert.FromHexString(start);
        for (var cut = 0; cut <= bytes.Length; cut++) Assert.Equal(expected, await RewriteAsync(hasDatagrams: true, bytes[..cut], bytes[cut..]), ignoreCase: true);
    }

    [Fact]
    public async Task What_never_becomes_a_frame_is_passed_on_at_the_end() => Assert.Equal("00040506", await RewriteAsync([0, 4], [5, 6]), ignoreCase: true);

    [Fact]
    public async Task An_error_ends_the_stream_with_it()
    {
        var pipe = new Pipe();
        var writer = new ControlStreamWriter(pipe.Writer, hasDatagrams: false);
        await writer.WriteAsync(new byte[] { 0, 4 });
        await writer.CompleteAsync(new InvalidOperationException("broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => pipe.Reader.ReadAsync().AsTask());
    }

    [Property]
    public Property Any_settings_keep_their_order_and_gain_one() => Prop.ForAll(
        _integers.ArrayOf(20).ToArbitrary(), Gen.Choose(1, 30).ToArbitrary(), static (numbers, step) =>
        {
            var settings = FrameWriter.Integers(numbers);
            byte[] after = [0x07, 1, 0];
            byte[] stream = [0, .. FrameWriter.Frame(Http3Codes.SettingsFrame, settings), .. after];
            byte[] expected = [0, .. FrameWriter.Frame(Http3Codes.SettingsFrame, [.. settings, 8, 1]), .. after];
            return RewriteAsync([.. stream.Chunk(step)]).WaitAsync(TestTimes.Limit).GetAwaiter().GetResult() == Convert.ToHexString(expected);
        });

    [Property]
    public Property No_bytes_are_lost_or_held_back_beyond_a_frame() => Prop.ForAll(
        Gen.Choose(0, 255).Select(static value => (byte)value).ArrayOf().ToArbitrary(), static bytes =>
        {
            var output = new ArrayBufferWriter<byte>();
            byte[] start = [0, 4, .. bytes];
            if (!ControlStreamStart.TryRewrite(start, hasDatagrams: false, output))
                return output.WrittenCount == 0 && start.Length <= ControlStreamStart.MaxSettingsLength + (3 * VarInt.MaxLength);
            // Either as it was, or with the setting in it.
            return output.WrittenSpan.SequenceEqual(start) || output.WrittenSpan.IndexOf((ReadOnlySpan<byte>)[8, 1]) > 0;
        });

    /// <summary>Writes and flushes part by part, then ends.</summary>
    private static Task<string> RewriteAsync(params byte[][] parts) => RewriteAsync(hasDatagrams: false, parts);

    private static async Task<string> RewriteAsync(bool hasDatagrams, params byte[][] parts)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var writer = new ControlStreamWriter(pipe.Writer, hasDatagrams);
        foreach (var part in parts) await writer.WriteAsync(part);
        await writer.CompleteAsync();
        var result = await pipe.Reader.ReadAtLeastAsync(int.MaxValue);
        return Convert.ToHexString(result.Buffer.ToArray());
    }
}
