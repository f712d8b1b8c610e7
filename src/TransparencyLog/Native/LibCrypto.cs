using System.Reflection;
using System.Runtime.InteropServices;

namespace TransparencyLog.Native;

/// <summary>What Ed25519 (RFC 8032), which .NET lacks, needs of OpenSSL's libcrypto (3.x or 1.1.1). Names are OpenSSL's own.</summary>
internal static partial class LibCrypto
{
    internal const int EVP_PKEY_ED25519 = 1087;

    private const string Library = "libcrypto";

    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, Resolve);

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

    /// <summary>Under the names that distributions give it.</summary>
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (var candidate in (ReadOnlySpan<string>)["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto-3-x64.dll"])
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var found)) return found;
        return NativeLibrary.Load(Library, assembly, path);
    }
}
