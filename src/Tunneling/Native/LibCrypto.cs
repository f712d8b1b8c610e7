using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>What TLS needs of OpenSSL's libcrypto (3.0 or later): errors, BIOs, certificates, ticket ciphers. Names and numbers are OpenSSL's own.</summary>
internal static unsafe partial class LibCrypto
{
    internal const int BIO_TYPE_SOURCE_SINK = 0x0400;
    internal const int BIO_CTRL_EOF = 2;
    internal const int BIO_CTRL_FLUSH = 11;
    internal const int BIO_FLAGS_READ = 0x01;
    internal const int BIO_FLAGS_RWS = 0x07;
    internal const int BIO_FLAGS_SHOULD_RETRY = 0x08;

    internal const int CRYPTO_EX_INDEX_SSL_CTX = 1;
    internal const int ERR_LIB_PEM = 9;
    internal const int PEM_R_NO_START_LINE = 108;
    internal const uint OSSL_PARAM_UTF8_STRING = 4;
    internal const uint OSSL_PARAM_OCTET_STRING = 5;
    internal const nint X509_V_OK = 0;

    static LibCrypto() => OpenSslLibrary.Register();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial uint OPENSSL_version_major();

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial void ERR_clear_error();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nuint ERR_get_error();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nuint ERR_peek_last_error();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint ERR_reason_error_string(nuint error);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int CRYPTO_get_ex_new_index(int type, nint number, nint pointer, nint onNew, nint onCopy, nint onFree);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_get_new_index();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint BIO_meth_new(int type, ReadOnlySpan<byte> name);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_meth_set_read_ex(nint method, delegate* unmanaged[Cdecl]<nint, byte*, nuint, nuint*, int> read);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_meth_set_write_ex(nint method, delegate* unmanaged[Cdecl]<nint, byte*, nuint, nuint*, int> write);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_meth_set_ctrl(nint method, delegate* unmanaged[Cdecl]<nint, int, nint, nint, nint> control);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint BIO_new(nint method);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial BioHandle BIO_new_mem_buf(byte* bytes, int length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_free(nint bio);

    // A field is read or set: they neither block nor call back.
    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial void BIO_set_data(nint bio, nint data);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial nint BIO_get_data(nint bio);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial void BIO_set_flags(nint bio, int flags);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial void BIO_clear_flags(nint bio, int flags);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial X509Handle PEM_read_bio_X509(BioHandle bio, nint existing, delegate* unmanaged[Cdecl]<byte*, int, int, nint, int> password, nint state);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial PrivateKeyHandle PEM_read_bio_PrivateKey(BioHandle bio, nint existing, delegate* unmanaged[Cdecl]<byte*, int, int, nint, int> password, nint state);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial X509Handle d2i_X509(nint existing, ref byte* input, nint length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int i2d_X509(X509Handle certificate, byte** output);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial PrivateKeyHandle d2i_AutoPrivateKey(nint existing, ref byte* input, nint length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void X509_free(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int EVP_PKEY_get_base_id(PrivateKeyHandle key);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_check_private_key(X509Handle certificate, PrivateKeyHandle key);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_up_ref(X509Handle certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_STORE_add_cert(nint store, X509Handle certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint X509_verify_cert_error_string(nint error);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial X509StackHandle OPENSSL_sk_new_null();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int OPENSSL_sk_push(X509StackHandle stack, nint item);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint OPENSSL_sk_pop(nint stack);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void OPENSSL_sk_free(nint stack);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_aes_256_cbc();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int EVP_EncryptInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int EVP_DecryptInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int EVP_MAC_CTX_set_params(nint context, OpenSslParameter* parameters);
}

/// <summary>OSSL_PARAM: a named value given to or asked of an algorithm; an array of them ends with an empty one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OpenSslParameter
{
    internal byte* Name;
    internal uint Type;
    internal void* Data;
    internal nuint Size;
    internal nuint ReturnSize;
}
