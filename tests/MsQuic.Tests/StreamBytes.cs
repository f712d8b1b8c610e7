using System.IO.Pipelines;
using System.Security.Cryptography;

namespace MsQuic.Tests;

/// <summary>Bytes through pipes.</summary>
internal static class StreamBytes
{
    public static async Task SendAsync(this PipeWriter output, ReadOnlyMemory<byte> bytes, int piece)
    {
        for (var rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(piece, rest.Length)..])
        {
            var result = await output.WriteAsync(rest[..Math.Min(piece, rest.Length)]).AsTask().WaitAsync(QuicPair.Limit);
            if (result.IsCompleted) return;
        }
    }

    public static async Task<byte[]> ReadToEndAsync(this PipeReader input)
    {
        using var all = new MemoryStream();
        while (true)
        {
            var result = await input.ReadAsync().AsTask().WaitAsync(QuicPair.Limit);
            foreach (var part in result.Buffer) all.Write(part.Span);
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return all.ToArray();
        }
    }

    public static byte[] Random(int count) => RandomNumberGenerator.GetBytes(count);

    /// <summary>Reads and expects to be told of an error rather than of an end.</summary>
    public static async Task<QuicException> ReadErrorAsync(this PipeReader input)
    {
        return await Assert.ThrowsAsync<QuicException>(async () =>
        {
            while (true)
            {
                var result = await input.ReadAsync().AsTask().WaitAsync(QuicPair.Limit);
                input.AdvanceTo(result.Buffer.End);
                Assert.False(result.IsCompleted, "An end in order.");
            }
        });
    }

    /// <summary>Writes until a flush says that nobody wants more.</summary>
    public static async Task WriteUntilStoppedAsync(this PipeWriter output)
    {
        var bytes = new byte[1024];
        using var timeout = new CancellationTokenSource(QuicPair.Limit);
        while (!(await output.WriteAsync(bytes, timeout.Token)).IsCompleted) await Task.Yield();
    }
}
