using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyRelay.Http;

namespace PrivacyRelay.Tests.Http;

public sealed class ChunkedBodyTests
{
    [Property]
    public Property The_end_is_found_however_the_bytes_are_cut()
    {
        return Prop.ForAll(
            ArbMap.Default.ArbFor<byte[][]>(),
            ArbMap.Default.ArbFor<PositiveInt>(),
            (chunks, cut) =>
            {
                var encoded = Encode(chunks);
                byte[] wire = [.. encoded, .. "GET / HTTP/1.1\r\n\r\n"u8];
                var body = new ChunkedBody(isPadded: false);
                var taken = 0;
                while (!body.IsComplete) taken += body.Accept(wire.AsSpan(taken, Math.Min(cut.Get, wire.Length - taken)));
                return taken == encoded.Length;
            });
    }

    [Property]
    public Property Random_bytes_throw_nothing_but_invalid_data()
    {
        return Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            try
            {
                return new ChunkedBody(isPadded: false).Accept(bytes) <= bytes.Length;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        });
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData(";x\r\n")]
    [InlineData("g\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("1\n")]
    [InlineData("1\r\nab")]
    [InlineData("1000000000000000\r\n")]
    [InlineData("0\r\nA: 1\nB: 2\r\n\r\n")]
    public void Broken_framing_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => new ChunkedBody(isPadded: false).Accept(Encoding.ASCII.GetBytes(text)));

    private static byte[] Encode(byte[][] chunks)
    {
        using var stream = new MemoryStream();
        foreach (var chunk in chunks.Where(chunk => chunk is { Length: > 0 }))
        {
            stream.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"));
            stream.Write(chunk);
            stream.Write("\r\n"u8);
        }

        stream.Write("0\r\n\r\n"u8);
        return stream.ToArray();
    }
}
