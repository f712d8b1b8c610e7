using System.Security.Cryptography;

namespace PrivacyPass.Voprf;

/// <summary>A hash of an OPRF suite, with the sizes that RFC 9380 and RFC 9497 want of it.</summary>
/// <param name="Algorithm">Its name.</param>
/// <param name="Size">Size of its output in bytes (Nh).</param>
internal sealed record SuiteHash(HashAlgorithmName Algorithm, int Size)
{
    /// <summary>Size of an input block: the same for SHA-384 and SHA-512.</summary>
    internal const int BlockSize = 128;

    /// <summary>The largest output.</summary>
    internal const int LargestSize = SHA512.HashSizeInBytes;

    internal static SuiteHash Sha384 { get; } = new(HashAlgorithmName.SHA384, SHA384.HashSizeInBytes);

    internal static SuiteHash Sha512 { get; } = new(HashAlgorithmName.SHA512, SHA512.HashSizeInBytes);

    internal byte[] Of(ReadOnlySpan<byte> data) => CryptographicOperations.HashData(Algorithm, data);
}
