using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>What TLS over a socket needs of OpenSSL's libssl (3.0 or later). Names and numbers are OpenSSL's own.</summary>
internal static unsafe partial class LibSsl
{
    internal const int SSL_CTRL_MODE = 33;
    internal const int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    internal const int SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;
    internal const int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    internal const int SSL_CTRL_SET_MAX_PROTO_VERSION = 124;

    internal const int SSL_SESS_CACHE_OFF = 0;

    internal const int SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x02;
    internal const int SSL_MODE_RELEASE_BUFFERS = 0x10;

    internal const ulong SSL_OP_IGNORE_UNEXPECTED_EOF = 1UL << 7;
    internal const ulong SSL_OP_NO_TICKET = 1UL << 14;
    internal const ulong SSL_OP_NO_COMPRESSION = 1UL << 17;
    internal const ulong SSL_OP_PRIORITIZE_CHACHA = 1UL << 21;
    internal const ulong SSL_OP_CIPHER_SERVER_PREFERENCE = 1UL << 22;
    internal const ulong SSL_OP_NO_RENEGOTIATION = 1UL << 30;

    internal const int SSL_VERIFY_NONE = 0;
    internal const int SSL_VERIFY_PEER = 1;
    internal const int SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;

    internal const int SSL_ERROR_SSL = 1;
    internal const int SSL_ERROR_WANT_READ = 2;
    internal const int SSL_ERROR_WANT_WRITE = 3;
    internal const int SSL_ERROR_SYSCALL = 5;
    internal const int SSL_ERROR_ZERO_RETURN = 6;

    internal const int SSL_TLSEXT_ERR_OK = 0;
    internal const int SSL_TLSEXT_ERR_ALERT_FATAL = 2;
    internal const int TLSEXT_NAMETYPE_host_name = 0;

    internal const int TLS1_2_VERSION = 0x0303;
    internal const int TLS1_3_VERSION = 0x0304;

    static LibSsl() => OpenSslLibrary.Register();

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int OPENSSL_init_ssl(ulong options, nint settings);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint TLS_server_method();

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint TLS_client_method();

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial SslContextHandle SSL_CTX_new(nint method);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_CTX_free(nint context);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_CTX_ctrl(SslContextHandle context, int command, nint number, nint pointer);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial ulong SSL_CTX_set_options(SslContextHandle context, ulong options);

    [LibraryImport(OpenSslLibrary.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_cipher_list(SslContextHandle context, string ciphers);

    [LibraryImport(OpenSslLibrary.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_ciphersuites(SslContextHandle context, string suites);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_set_num_tickets(SslContextHandle context, nuint count);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_CTX_set_timeout(SslContextHandle context, nint seconds);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_set_session_id_context(SslContextHandle context, ReadOnlySpan<byte> bytes, uint length);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_CTX_set_alpn_select_cb(SslContextHandle context, delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int> callback, nint state);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_CTX_set_cert_cb(SslContextHandle context, delegate* unmanaged[Cdecl]<nint, nint, int> callback, nint state);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_set_tlsext_ticket_key_evp_cb(SslContextHandle context, delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint, nint, int, int> callback);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_set_ex_data(SslContextHandle context, int index, nint value);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_CTX_get_ex_data(nint context, int index);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_use_cert_and_key(SslContextHandle context, X509Handle certificate, PrivateKeyHandle key, X509StackHandle chain, int replace);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_CTX_set_verify(SslContextHandle context, int mode, delegate* unmanaged[Cdecl]<int, nint, int> callback);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_CTX_get_cert_store(SslContextHandle context);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_add_client_CA(SslContextHandle context, X509Handle certificate);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial SslHandle SSL_new(SslContextHandle context);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_free(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_set_bio(SslHandle ssl, nint read, nint write);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_set_accept_state(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_set_connect_state(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_do_handshake(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_read_ex(SslHandle ssl, byte* bytes, nuint count, nuint* read);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_write_ex(SslHandle ssl, byte* bytes, nuint count, nuint* written);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_shutdown(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_get_error(SslHandle ssl, int result);

    [LibraryImport(OpenSslLibrary.Ssl)]
    [SuppressGCTransition]
    internal static partial int SSL_has_pending(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_get_SSL_CTX(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial byte* SSL_get_servername(nint ssl, int type);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_certs_clear(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_use_cert_and_key(nint ssl, X509Handle certificate, PrivateKeyHandle key, X509StackHandle chain, int replace);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_get0_alpn_selected(SslHandle ssl, byte** protocol, uint* length);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_version(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_get_current_cipher(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial ushort SSL_CIPHER_get_protocol_id(nint cipher);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_session_reused(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial X509Handle SSL_get1_peer_certificate(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_get_verify_result(SslHandle ssl);
}
