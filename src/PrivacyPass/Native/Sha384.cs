using System.Runtime.InteropServices;

namespace PrivacyPass.Native;

/// <summary>SHA-384 of a few blocks with its state on the stack: for the verification path, which hashes seven single blocks per token.</summary>
internal static class Sha384
{
    // sizeof(SHA512_CTX) is 216; in units of ulong, which gives the alignment it needs.
    private const int StateWords = 32;

    /// <summary>Writes the 48 bytes; the destination may overlap the data.</summary>
    internal static void HashData(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        Span<ulong> words = stackalloc ulong[StateWords];
        var state = MemoryMarshal.AsBytes(words);
        LibCryptoError.ThrowUnlessOne(LibCrypto.SHA384_Init(state));
        LibCryptoError.ThrowUnlessOne(LibCrypto.SHA384_Update(state, data, (nuint)data.Length));
        LibCryptoError.ThrowUnlessOne(LibCrypto.SHA384_Final(destination[..48], state));
    }
}
