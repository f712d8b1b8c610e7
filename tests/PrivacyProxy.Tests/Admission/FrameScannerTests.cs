using PrivacyProxy.Admission.Http2;

namespace PrivacyProxy.Tests.Admission;

public sealed class FrameScannerTests
{
    [Fact]
    public void Frames_are_found_however_the_bytes_are_cut()
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            var frames = Enumerable.Range(1, 20).Select(i => (Type: (byte)random.Next(10), Flags: (byte)random.Next(2), Stream: i, Length: random.Next(0, 40))).ToList();
            byte[] bytes = [.. new byte[24], .. frames.SelectMany(static frame => RudeConnection.Frame(frame.Type, frame.Flags, frame.Stream, new byte[frame.Length]))];
            var scanner = new FrameScanner(24);
            var found = new List<FrameHeader>();
            for (var at = 0; at < bytes.Length;)
            {
                var count = Math.Min(bytes.Length - at, random.Next(0, 30));
                ReadOnlySpan<byte> piece = bytes.AsSpan(at, count);
                at += count;
                while (scanner.TryReadHeader(ref piece, out var header)) found.Add(header);
            }

            Assert.Equal(frames.Select(static frame => new FrameHeader(frame.Length, (FrameType)frame.Type, frame.Flags, frame.Stream)), found);
        }
    }
}
