using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Masque;
using Masque.Tunnels;
using PrivacyRelay.Upstream;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyRelay.Tests.Upstream.Http3;

/// <summary>What the relay makes of the heads a proxy answers with over HTTP/3, and of its own.</summary>
public sealed class RequestHeadsTests
{
    /// <summary>An unknown field whose value is the text of an example of RFC 7541, appendix C.</summary>
    [Theory]
    [InlineData("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com")]
    [InlineData("a8eb10649cbf", "no-cache")]
    [InlineData("d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT")]
    public async Task Huffman_text_is_read_as_in_the_RFC(string encoded, string text)
    {
        var answer = await ReadAsync(WithValue(Convert.FromHexString(encoded)));
        Assert.Equal((200, text), (answer.Status, Assert.Single(answer.Values("x"))));
    }

    [Theory]
    [InlineData("ffffffff")]
    [InlineData("ff")]
    [InlineData("00")]
    public Task Huffman_text_with_an_end_mark_or_false_padding_is_refused(string encoded) => RefusesAsync(WithValue(Convert.FromHexString(encoded)));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0100d9")] // inserts
    [InlineData("0000d980")] // indexed, dynamic
    [InlineData("0000d910")] // indexed, post-base
    [InlineData("0000d94000")] // name of the dynamic table
    [InlineData("0000d90000")] // name, post-base
    [InlineData("0000d9ff24")] // index 99
    [InlineData("0000d95f5400")] // name 99
    [InlineData("0000d92178ff")] // cut off
    [InlineData("0000d92178ffffffffff7f")] // too large a number
    [InlineData("0000d7")] // no status
    [InlineData("00005f0903323078")] // status 20x
    [InlineData("00005f09032d3230")] // status -20
    [InlineData("00005f09023939")] // status 99
    [InlineData("00005f090431303030")] // status 1000
    [InlineData("0000d95f0900")] // another, empty one
    public Task A_head_that_cannot_be_read_without_a_dynamic_table_or_has_no_status_is_no_answer(string section) => RefusesAsync(Convert.FromHexString(section));

    /// <summary>Status by index, by name and as a literal.</summary>
    [Theory]
    [InlineData("0000d9", 200)]
    [InlineData("0000ff00", 100)]
    [InlineData("0000ff08", 500)]
    [InlineData("00005f0903343031", 401)]
    [InlineData("000027003a73746174757303343037", 407)]
    public void The_status_is_read_in_every_form(string section, int expected)
    {
        Assert.True(RequestHeads.TryReadAnswer(Convert.FromHexString(section), out var status, out _));
        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Interim_answers_and_unknown_frames_are_skipped()
    {
        using var stream = new MemoryStream([.. Frame(0x21, [1, 2, 3]), .. Frame(Http3Codes.HeadersFrame, [0, 0, 0xff, 0]), .. Frame(Http3Codes.HeadersFrame, [0, 0, 0xff, 5])]);
        Assert.Equal(403, (await RequestHeads.ReadAnswerAsync(new FramedInput(stream), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_head_that_is_too_long_is_not_read()
    {
        using var stream = new MemoryStream(Frame(Http3Codes.HeadersFrame, new byte[RequestHeads.MaxFrame + 1]));
        await Assert.ThrowsAsync<InvalidDataException>(() => RequestHeads.ReadAnswerAsync(new FramedInput(stream), CancellationToken.None).AsTask());
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(2_000, false)]
    public async Task A_head_of_few_bytes_that_names_many_fields_is_refused(int fields, bool isRead)
    {
        // "age: 0", which counts 36.
        byte[] section = [0, 0, 0xd9, .. Enumerable.Repeat((byte)0xc2, fields)];
        if (isRead) Assert.Equal(fields, (await ReadAsync(section)).Values("age").Count);
        else await RefusesAsync(section);
    }

    /// <summary>As much as there may be in one frame, of letters with the shortest codes.</summary>
    [Fact]
    public async Task The_longest_Huffman_text_is_read()
    {
        // Five bits each: eight times "0" are five bytes.
        var coded = RequestHeads.MaxFrame - 9;
        coded -= coded % 5;
        byte[] section = [0, 0, 0xd9, 0x21, (byte)'x', 0xff, (byte)((coded - 127) | 0x80), (byte)(((coded - 127) >> 7) | 0x80), (byte)((coded - 127) >> 14), .. new byte[coded]];
        Assert.InRange(section.Length, RequestHeads.MaxFrame - 4, RequestHeads.MaxFrame);
        Assert.Equal(new string('0', coded / 5 * 8), Assert.Single((await ReadAsync(section)).Values("x")));
    }

    [Property]
    public Property What_is_written_is_read() =>
        Prop.ForAll<NonNull<string>[]>(values =>
        {
            var fields = values.Select((value, i) => KeyValuePair.Create($"field-{i}", new string([.. value.Item.Where(c => c < 256)])));
            return RequestHeads.TryReadAnswer(RequestHeads.Write([new(":status", "200"), .. fields]), out var status, out var read)
                && status == 200 && fields.All(field => read![field.Key].Single() == field.Value);
        });

    [Property(MaxTest = 10_000)]
    public Property Whatever_comes_is_read_or_refused() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            _ = RequestHeads.TryReadAnswer(bytes, out _, out _);
            return !RequestHeads.TryReadAnswer([0, 0, .. bytes], out var status, out _) || status is >= 100 and <= 999;
        });

    private static byte[] WithValue(byte[] huffman) => [0, 0, 0xd9, 0x21, (byte)'x', (byte)(0x80 | huffman.Length), .. huffman];

    private static async Task<ConnectResponse> ReadAsync(byte[] section)
    {
        using var stream = new MemoryStream(Frame(Http3Codes.HeadersFrame, section));
        return await RequestHeads.ReadAnswerAsync(new FramedInput(stream), CancellationToken.None);
    }

    private static async Task RefusesAsync(byte[] section)
    {
        var e = await Assert.ThrowsAsync<TunnelException>(() => ReadAsync(section));
        Assert.Equal(TunnelError.ProxyUnreachable, e.Error);
    }

    private static byte[] Frame(ulong type, byte[] payload)
    {
        var header = new byte[CapsuleWriter.MaxHeaderLength];
        return [.. header.AsSpan(0, CapsuleWriter.WriteHeader(header, type, (ulong)payload.Length)), .. payload];
    }
}
