using System.Runtime.InteropServices;
using PrivacyPass.Native;

namespace TransparencyLog.Native;

/// <summary>What Ed25519 (RFC 8032), which .NET lacks, needs of OpenSSL's libcrypto (3.x or 1.1.1). Names are OpenSSL's own.</summary>
internal static partial class LibCrypto
{
    internal const int EVP_PKEY_ED25519 = 1087;

    private const string Library = "libcrypto";

    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, LibCryptoResolver.Resolve);

    [LibraryImport(Library)]
    internal static partial void ERR_clear_error();

    [LibraryImport(Library)]
    internal static partial nuint ERR_get_error();

    [LibraryImport(Library)]
    internal static partial SignatureKey EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    internal static partial SignatureKey EVP_PKEY_new_raw_public_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_get_raw_public_key(SignatureKey key, Span<byte> bytes, ref nuint length);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    internal static partial SignatureContext EVP_MD_CTX_new();

    [LibraryImport(Library)]
    internal static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestSignInit(SignatureContext context, nint keyContext, nint digest, nint engine, SignatureKey key);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestSign(SignatureContext context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint messageLength);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestVerifyInit(SignatureContext context, nint keyContext, nint digest, nint engine, SignatureKey key);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestVerify(SignatureContext context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint messageLength);
}
