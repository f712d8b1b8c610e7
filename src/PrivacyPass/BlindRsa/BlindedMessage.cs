using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.BlindRsa;

/// <summary>A message blinded for signing (RFC 9474, sections 4.2 and 4.4); holds the inverse of the blind until disposed.</summary>
internal sealed class BlindedMessage : IDisposable
{
    private readonly BlindRsaPublicKey _key;
    private readonly BigNumber _inverse;
    private readonly byte[] _preparedMessage;

    private BlindedMessage(BlindRsaPublicKey key, byte[] preparedMessage, byte[] blinded, BigNumber inverse)
    {
        _key = key;
        _preparedMessage = preparedMessage;
        Value = blinded;
        _inverse = inverse;
    }

    /// <summary>The blinded message, of the modulus' size.</summary>
    internal byte[] Value { get; }

    /// <summary>Blinds with a random salt and blind.</summary>
    internal static BlindedMessage Create(BlindRsaPublicKey key, ReadOnlySpan<byte> preparedMessage)
    {
        Span<byte> salt = stackalloc byte[EmsaPss.SaltSize];
        salt = salt[..key.SaltSize];
        RandomNumberGenerator.Fill(salt);
        return Create(key, preparedMessage, salt, blind: default);
    }

    /// <summary>Blinds with a given salt and, unless it is empty, a given blind: for test vectors.</summary>
    /// <exception cref="TokenIssuanceException">The message or the blind has no inverse: the key is not an RSA key.</exception>
    internal static BlindedMessage Create(
        BlindRsaPublicKey key, ReadOnlySpan<byte> preparedMessage, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> blind)
    {
        var blinded = new byte[key.Size];
        EmsaPss.Encode(preparedMessage, salt, key.Bits, blinded.AsSpan()[^EmsaPss.EncodedSize(key.Bits)..]);

        using var scope = key.Modulus.Begin();
        var message = scope.FromBytes(blinded);
        var r = blind.IsEmpty ? scope.RandomNonZero() : scope.FromBytes(blind);
        var inverse = scope.Invert(r);
        var product = scope.Multiply(message, key.Power(scope, r));
        product.CopyTo(blinded);
        if (inverse is null || !IsCoprime(key, blinded))
            throw new TokenIssuanceException("The public key is not an RSA key: blinding found a factor of its modulus.");

        return new BlindedMessage(key, preparedMessage.ToArray(), blinded, Keep(inverse, key.Size));
    }

    /// <summary>Unblinds the issuer's answer into a signature and verifies it.</summary>
    /// <exception cref="TokenIssuanceException">The answer is not a blind signature on this message.</exception>
    internal byte[] Finalize(ReadOnlySpan<byte> blindSignature)
    {
        if (!_key.IsInRange(blindSignature))
            throw new TokenIssuanceException($"The issuer's blind signature is not a number of {_key.Size} bytes below its modulus.");
        var signature = new byte[_key.Size];
        using (var scope = _key.Modulus.Begin())
        {
            scope.Multiply(scope.FromBytes(blindSignature), _inverse).CopyTo(signature);
        }

        return _key.Verify(_preparedMessage, signature)
            ? signature
            : throw new TokenIssuanceException("The issuer's blind signature does not verify under its public key.");
    }

    public void Dispose() => _inverse.Dispose();

    // RFC 9474 asks this of the message. Its product with the blind, which has an inverse, has the same answer and is public.
    private static bool IsCoprime(BlindRsaPublicKey key, ReadOnlySpan<byte> blinded)
    {
        using var context = BigNumberContext.Create();
        using var value = BigNumber.FromBytes(blinded);
        using var inverse = BigNumber.Create();
        if (LibCrypto.BN_mod_inverse(inverse, value, key.Modulus.Value, context) != 0) return true;
        LibCrypto.ERR_clear_error();
        return false;
    }

    private static BigNumber Keep(BigNumber inverse, int size)
    {
        Span<byte> bytes = stackalloc byte[BlindRsaPublicKey.LargestModulus];
        bytes = bytes[..size];
        inverse.CopyTo(bytes);
        var kept = BigNumber.SecretFromBytes(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return kept;
    }
}
