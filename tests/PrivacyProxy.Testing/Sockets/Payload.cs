using System.Security.Cryptography;

namespace PrivacyProxy.Testing.Sockets;

/// <summary>Bytes in which a lost, doubled or moved chunk changes the hash: each chunk is keyed by its place.</summary>
internal static class Payload
{
    private const int ChunkSize = 1 << 16;

    /// <summary>The same buffer each time with new bytes in it: use a chunk before taking the next.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Chunks(long count)
    {
        var chunk = new byte[ChunkSize];
        for (long sent = 0; sent < count; sent += ChunkSize)
        {
            new Random((int)(sent / ChunkSize)).NextBytes(chunk);
            yield return chunk.AsMemory(0, (int)Math.Min(ChunkSize, count - sent));
        }
    }

    public static string Hash(long count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var chunk in Chunks(count)) hash.AppendData(chunk.Span);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public static async Task WriteFileAsync(string path, long count)
    {
        await using var file = File.Create(path);
        foreach (var chunk in Chunks(count)) await file.WriteAsync(chunk);
    }
}
