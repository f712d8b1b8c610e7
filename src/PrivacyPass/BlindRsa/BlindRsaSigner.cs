using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.BlindRsa;

/// <summary>Signs blinded messages (RFC 9474, section 4.3) with a key that belongs to who made it. Safe for concurrent use.</summary>
internal sealed class BlindRsaSigner(BlindRsaPublicKey publicKey, EvpKey privateKey)
{
    /// <summary>BlindSign: the private operation, its result verified before it leaves, so that a fault cannot give away the key.</summary>
    /// <exception cref="TokenIssuanceException">The blinded message is not a number of the modulus' size below it.</exception>
    /// <exception cref="CryptographicException">The result does not verify: the machine or the key is broken.</exception>
    internal byte[] BlindSign(ReadOnlySpan<byte> blindedMessage)
    {
        if (!publicKey.IsInRange(blindedMessage))
            throw new TokenIssuanceException($"The blinded message is not a number of {publicKey.Size} bytes below the modulus.");
        var signature = new byte[publicKey.Size];
        privateKey.RawPrivateOperation(blindedMessage, signature);

        Span<byte> check = stackalloc byte[BlindRsaPublicKey.LargestModulus];
        check = check[..publicKey.Size];
        if (!publicKey.TryRaise(signature, check) || !check.SequenceEqual(blindedMessage))
            throw new CryptographicException("The RSA private operation gave a wrong result; it was withheld.");
        return signature;
    }
}
