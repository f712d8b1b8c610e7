using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace ProofOfWork;

/// <summary>The work itself, for both sides.</summary>
public static class Work
{
    /// <summary>The scheme of Authorization.</summary>
    public const string Scheme = "Work";

    /// <summary>What a client does: the value of Authorization for a request.</summary>
    /// <param name="body">The request.</param>
    /// <param name="now">The time.</param>
    /// <param name="bits">How hard it is.</param>
    public static string Do(byte[] body, DateTimeOffset now, int bits)
    {
        ulong nonce = 0;
        while (Bits(body, now, nonce) < bits) nonce++;
        return $"{Scheme} time={now.ToUnixTimeSeconds()}, nonce={nonce}";
    }

    /// <summary>What an attester looks at: with how many zero bits SHA-256(SHA-256(body), time, nonce) begins.</summary>
    public static int Bits(byte[] body, DateTimeOffset time, ulong nonce)
    {
        Span<byte> input = stackalloc byte[SHA256.HashSizeInBytes + (2 * sizeof(ulong))];
        SHA256.HashData(body, input);
        BinaryPrimitives.WriteInt64BigEndian(input[SHA256.HashSizeInBytes..], time.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt64BigEndian(input[(SHA256.HashSizeInBytes + sizeof(ulong))..], nonce);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return BitOperations.LeadingZeroCount(BinaryPrimitives.ReadUInt64BigEndian(hash));
    }
}
