using System.Buffers.Binary;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>What a connection of HTTP/2 receives, frame after frame.</summary>
internal static class Http2Input
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Reads to the end of the connection, which is an exception.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="take">Takes a frame: its type, flags, stream and payload, which is good until it returns.</param>
    /// <param name="taken">Called once all that has come was taken; not awaited.</param>
    /// <exception cref="IOException">It has ended, or a frame is too long.</exception>
    public static async Task ReadAsync(Stream stream, Func<byte, byte, int, ReadOnlyMemory<byte>, ValueTask> take, Func<Task> taken)
    {
        var buffer = new byte[BufferSize];
        var (start, end) = (0, 0);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(end), CancellationToken.None);
            if (read == 0) throw new IOException("The proxy closed the connection.");
            end += read;
            while (end - start >= Http2Frame.HeaderLength && Length(buffer, start) is var length && end - start >= Http2Frame.HeaderLength + length)
            {
                var id = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 5)) & int.MaxValue;
                await take(buffer[start + 3], buffer[start + 4], id, buffer.AsMemory(start + Http2Frame.HeaderLength, length));
                start += Http2Frame.HeaderLength + length;
            }

            if (end - start >= Http2Frame.HeaderLength && Length(buffer, start) > Http2Frame.MaxPayload) throw new IOException("The proxy sent a frame that is too long.");
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            _ = taken();
        }
    }

    public static ReadOnlyMemory<byte> WithoutPadding(ReadOnlyMemory<byte> payload, byte flags) =>
        (flags & Http2Frame.Padded) == 0 ? payload : payload[1..^payload.Span[0]];

    private static int Length(byte[] buffer, int start) => (buffer[start] << 16) | (buffer[start + 1] << 8) | buffer[start + 2];
}
