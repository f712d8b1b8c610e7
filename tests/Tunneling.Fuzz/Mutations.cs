namespace Tunneling.Fuzz;

/// <summary>Many cheap mutations of a corpus: for the number, where a fuzzer that sees branches finds the kinds.</summary>
internal static class Mutations
{
    private const int MaxLength = 4096;

    private static readonly byte[] _edges = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x40, 0x3f, 0x10, 4, 8, 9];

    /// <summary>Runs a target; the seed and the bytes of what fails are written out.</summary>
    public static long Run(Action<ReadOnlySpan<byte>> target, long count, byte[][] corpus)
    {
        if (corpus.Length == 0) corpus = [[]];
        var random = new Random(Environment.TickCount);
        var buffer = new byte[MaxLength];
        for (long i = 0; i < count; i++)
        {
            var length = Mutate(random, corpus, buffer);
            try
            {
                target(buffer.AsSpan(0, length));
            }
            catch (Exception)
            {
                Console.WriteLine($"FAILED after {i:N0}: {Convert.ToHexString(buffer.AsSpan(0, length))}");
                throw;
            }
        }

        return count;
    }

    private static int Mutate(Random random, byte[][] corpus, byte[] buffer)
    {
        var source = corpus[random.Next(corpus.Length)].AsSpan();
        var length = Math.Min(source.Length, MaxLength);
        source[..length].CopyTo(buffer);
        for (var times = 1 + random.Next(8); times > 0; times--)
        {
            switch (random.Next(6))
            {
                case 0 when length > 0:
                    buffer[random.Next(length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when length > 0:
                    buffer[random.Next(length)] = _edges[random.Next(_edges.Length)];
                    break;
                case 2 when length > 0:
                    // Taken out.
                    var at = random.Next(length);
                    var gone = 1 + random.Next(Math.Min(16, length - at));
                    buffer.AsSpan(at + gone, length - at - gone).CopyTo(buffer.AsSpan(at));
                    length -= gone;
                    break;
                case 3 when length < MaxLength - 16:
                    // Put in.
                    var place = random.Next(length + 1);
                    var more = 1 + random.Next(16);
                    buffer.AsSpan(place, length - place).CopyTo(buffer.AsSpan(place + more));
                    random.NextBytes(buffer.AsSpan(place, more));
                    length += more;
                    break;
                case 4 when length > 0:
                    buffer[random.Next(length)] = (byte)random.Next(256);
                    break;
                default:
                    // The end of another one.
                    var other = corpus[random.Next(corpus.Length)].AsSpan();
                    var tail = other[(other.Length == 0 ? 0 : random.Next(other.Length))..];
                    tail = tail[..Math.Min(tail.Length, MaxLength - length)];
                    tail.CopyTo(buffer.AsSpan(length));
                    length += tail.Length;
                    break;
            }
        }

        return length;
    }
}
