using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using TransparencyLog.Native;

namespace TransparencyLog.Notes;

/// <summary>An Ed25519 key (RFC 8032), private or public. Safe for concurrent use.</summary>
internal sealed class Ed25519 : IDisposable
{
    /// <summary>Bytes of a private key's seed, and of a public key.</summary>
    public const int KeySize = 32;

    public const int SignatureSize = 64;

    private readonly SignatureKey _key;

    private Ed25519(SignatureKey key) => _key = key;

    /// <summary>A private key from its 32-byte seed.</summary>
    /// <exception cref="CryptographicException">It is no seed.</exception>
    public static Ed25519 FromSeed(ReadOnlySpan<byte> seed) => Loaded(LibCrypto.EVP_PKEY_new_raw_private_key(LibCrypto.EVP_PKEY_ED25519, 0, seed, (nuint)seed.Length));

    /// <summary>A public key from its 32 bytes.</summary>
    /// <exception cref="CryptographicException">They are no key.</exception>
    public static Ed25519 FromPublicKey(ReadOnlySpan<byte> bytes) => Loaded(LibCrypto.EVP_PKEY_new_raw_public_key(LibCrypto.EVP_PKEY_ED25519, 0, bytes, (nuint)bytes.Length));

    public byte[] ExportPublicKey()
    {
        var bytes = new byte[KeySize];
        var length = (nuint)bytes.Length;
        Succeed(LibCrypto.EVP_PKEY_get_raw_public_key(_key, bytes, ref length));
        return bytes;
    }

    /// <exception cref="CryptographicException">The key is a public one.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        using var context = SignatureContext.Create();
        Succeed(LibCrypto.EVP_DigestSignInit(context, 0, 0, 0, _key));
        var signature = new byte[SignatureSize];
        var length = (nuint)signature.Length;
        Succeed(LibCrypto.EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length));
        return signature;
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize) return false;
        using var context = SignatureContext.Create();
        Succeed(LibCrypto.EVP_DigestVerifyInit(context, 0, 0, 0, _key));
        var good = LibCrypto.EVP_DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        // A wrong signature leaves errors in the thread's queue, which .NET's own calls would find.
        if (!good) LibCrypto.ERR_clear_error();
        return good;
    }

    public void Dispose() => _key.Dispose();

    private static Ed25519 Loaded(SignatureKey key)
    {
        if (!key.IsInvalid) return new Ed25519(key);
        key.Dispose();
        LibCrypto.ERR_clear_error();
        throw new CryptographicException("These bytes are no Ed25519 key.");
    }

    private static void Succeed(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result == 1) return;
        var error = LibCrypto.ERR_get_error();
        LibCrypto.ERR_clear_error();
        throw new CryptographicException($"libcrypto failed in {call.Split('(')[0]} (error {error:x}).");
    }
}
