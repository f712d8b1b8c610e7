using System.Runtime.InteropServices;

namespace PrivacyPass.Native;

/// <summary>The only P/Invoke of the library: what RSA and P-384 arithmetic needs of OpenSSL's libcrypto (3.x or 1.1.1). Names are OpenSSL's own.</summary>
internal static partial class LibCrypto
{
    private const string Library = "libcrypto";

    // EVP_PKEY_CTX_set_rsa_padding is a macro in 1.1.1, so its control number is used: it works in both.
    internal const int EVP_PKEY_CTRL_RSA_PADDING = 0x1001;
    internal const int RSA_NO_PADDING = 3;
    internal const int BN_FLG_CONSTTIME = 0x04;
    internal const int NID_secp384r1 = 715;
    internal const int POINT_CONVERSION_COMPRESSED = 2;

    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, LibCryptoResolver.Resolve);

    [LibraryImport(Library)]
    internal static partial void ERR_clear_error();

    [LibraryImport(Library)]
    internal static partial nuint ERR_get_error();

    [LibraryImport(Library)]
    internal static partial nint ERR_reason_error_string(nuint error);

    [LibraryImport(Library)]
    internal static partial BigNumberContext BN_CTX_new();

    [LibraryImport(Library)]
    internal static partial void BN_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial BigNumber BN_new();

    [LibraryImport(Library)]
    internal static partial void BN_clear_free(nint number);

    [LibraryImport(Library)]
    internal static partial void BN_set_flags(BigNumber number, int flags);

    [LibraryImport(Library)]
    internal static partial nint BN_bin2bn(ReadOnlySpan<byte> bytes, int length, BigNumber result);

    [LibraryImport(Library)]
    internal static partial int BN_bn2binpad(BigNumber number, Span<byte> bytes, int length);

    [LibraryImport(Library)]
    internal static partial int BN_num_bits(BigNumber number);

    [LibraryImport(Library)]
    internal static partial int BN_cmp(BigNumber left, BigNumber right);

    [LibraryImport(Library)]
    internal static partial int BN_is_zero(BigNumber number);

    [LibraryImport(Library)]
    internal static partial int BN_is_odd(BigNumber number);

    [LibraryImport(Library)]
    internal static partial int BN_priv_rand_range(BigNumber result, BigNumber range);

    [LibraryImport(Library)]
    internal static partial int BN_nnmod(BigNumber result, BigNumber value, BigNumber modulus, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int BN_mod_add(BigNumber result, BigNumber left, BigNumber right, BigNumber modulus, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int BN_mod_sub(BigNumber result, BigNumber left, BigNumber right, BigNumber modulus, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int BN_mod_mul(BigNumber result, BigNumber left, BigNumber right, BigNumber modulus, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial nint BN_mod_inverse(BigNumber result, BigNumber value, BigNumber modulus, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int BN_mul(BigNumber result, BigNumber left, BigNumber right, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int BN_sub_word(BigNumber value, ulong word);

    [LibraryImport(Library)]
    internal static partial int BN_rshift1(BigNumber result, BigNumber value);

    [LibraryImport(Library)]
    internal static partial int BN_generate_prime_ex(BigNumber result, int bits, int isSafe, nint noAdd, nint noRemainder, nint noCallback);

    // Its successor BN_check_prime is not in 1.1.1.
    [LibraryImport(Library)]
    internal static partial int BN_is_prime_ex(BigNumber value, int rounds, BigNumberContext context, nint noCallback);

    [LibraryImport(Library)]
    internal static partial MontgomeryContext BN_MONT_CTX_new();

    [LibraryImport(Library)]
    internal static partial int BN_MONT_CTX_set(MontgomeryContext montgomery, BigNumber modulus, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial void BN_MONT_CTX_free(nint montgomery);

    [LibraryImport(Library)]
    internal static partial int BN_mod_exp_mont(BigNumber result, BigNumber value, BigNumber exponent, BigNumber modulus, BigNumberContext context, MontgomeryContext montgomery);

    [LibraryImport(Library)]
    internal static partial EvpKey d2i_AutoPrivateKey(nint existing, ref nint input, nint length);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    internal static partial EvpKeyContext EVP_PKEY_CTX_new(EvpKey key, nint engine);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_CTX_ctrl(EvpKeyContext context, int keyType, int operation, int command, int value, nint pointer);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_decrypt_init(EvpKeyContext context);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_decrypt(EvpKeyContext context, Span<byte> output, ref nuint outputLength, ReadOnlySpan<byte> input, nuint inputLength);

    [LibraryImport(Library)]
    internal static partial EcGroup EC_GROUP_new_by_curve_name(int nid);

    [LibraryImport(Library)]
    internal static partial void EC_GROUP_free(nint group);

    [LibraryImport(Library)]
    internal static partial EcPoint EC_POINT_new(EcGroup group);

    [LibraryImport(Library)]
    internal static partial void EC_POINT_clear_free(nint point);

    [LibraryImport(Library)]
    internal static partial int EC_POINT_oct2point(EcGroup group, EcPoint point, ReadOnlySpan<byte> bytes, nuint length, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial nuint EC_POINT_point2oct(EcGroup group, EcPoint point, int form, Span<byte> bytes, nuint length, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int EC_POINT_is_at_infinity(EcGroup group, EcPoint point);

    [LibraryImport(Library)]
    internal static partial int EC_POINT_set_affine_coordinates(EcGroup group, EcPoint point, BigNumber x, BigNumber y, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int EC_POINT_get_affine_coordinates(EcGroup group, EcPoint point, BigNumber x, BigNumber y, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int EC_POINT_add(EcGroup group, EcPoint result, EcPoint left, EcPoint right, BigNumberContext context);

    // One function, three ways to call it: r = n * G, r = m * q, r = n * G + m * q.
    [LibraryImport(Library)]
    internal static partial int EC_POINT_mul(EcGroup group, EcPoint result, BigNumber generatorScalar, nint noPoint, nint noScalar, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int EC_POINT_mul(EcGroup group, EcPoint result, nint noGeneratorScalar, EcPoint point, BigNumber scalar, BigNumberContext context);

    [LibraryImport(Library)]
    internal static partial int EC_POINT_mul(EcGroup group, EcPoint result, BigNumber generatorScalar, EcPoint point, BigNumber scalar, BigNumberContext context);

    // A deprecated name, kept in every OpenSSL 3: it alone multiplies many points at once.
    [LibraryImport(Library)]
    internal static partial int EC_POINTs_mul(EcGroup group, EcPoint result, nint noGeneratorScalar, nuint count, ReadOnlySpan<nint> points, ReadOnlySpan<nint> scalars, BigNumberContext context);

    // Deprecated names, kept in every OpenSSL 3: half the cost of EVP for one block. They neither block nor call back, so no GC transition.
    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA384_Init(Span<byte> context);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA384_Update(Span<byte> context, ReadOnlySpan<byte> data, nuint length);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int SHA384_Final(Span<byte> hash, Span<byte> context);
}
