using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>Makes an SSL_CTX from a server's options and certificates, and answers what libssl asks while it is used. Immutable, so shared by threads.</summary>
internal sealed unsafe class SslServerSettings
{
    // AEAD with forward secrecy alone, none of those that HTTP/2 forbids (RFC 9113, appendix A). AES-128 first: cheaper and strong enough.
    private const string CipherList =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" +
        "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    private const string CipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

    // Application data of one kind of listener: a ticket is not taken across.
    private static readonly byte[] _sessionContext = "privacy-proxy"u8.ToArray();

    private static readonly int _stateIndex = LibCrypto.CRYPTO_get_ex_new_index(LibCrypto.CRYPTO_EX_INDEX_SSL_CTX, 0, 0, 0, 0, 0);

    private readonly byte[] _protocols;
    private readonly TicketKeys _ticketKeys;
    private readonly ServerNames _names;

    private SslServerSettings(TlsServerOptions options, TicketKeys ticketKeys, ServerNames names)
    {
        _protocols = [.. options.ApplicationProtocols.SelectMany(static protocol => Encoding.ASCII.GetBytes(protocol).Prepend((byte)protocol.Length))];
        _ticketKeys = ticketKeys;
        _names = names;
    }

    /// <exception cref="CryptographicException">OpenSSL refuses something.</exception>
    /// <exception cref="TlsCertificateException">The authorities of clients cannot be read.</exception>
    public static SslContextHandle Create(TlsServerOptions options, TicketKeys ticketKeys, ServerNames names)
    {
        LibCrypto.ERR_clear_error();
        var context = OpenSslError.ThrowIfInvalid(LibSsl.SSL_CTX_new(LibSsl.TLS_server_method()));
        try
        {
            SetProtocol(context, options);
            foreach (var certificate in names.Default)
                OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_use_cert_and_key(context, certificate.Leaf, certificate.Key, certificate.Chain, replace: 1));
            SetClientCertificates(context, options);
            SetCallbacks(context, new SslServerSettings(options, ticketKeys, names));
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static void SetProtocol(SslContextHandle context, TlsServerOptions options)
    {
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_ctrl(context, LibSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, (nint)options.LowestVersion, 0));
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_ctrl(context, LibSsl.SSL_CTRL_SET_MAX_PROTO_VERSION, (nint)options.HighestVersion, 0));
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_set_cipher_list(context, CipherList));
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_set_ciphersuites(context, CipherSuites));
        _ = LibSsl.SSL_CTX_set_options(
            context,
            // An end without close_notify ends the peer's direction alone, and is told apart here.
            LibSsl.SSL_OP_IGNORE_UNEXPECTED_EOF | LibSsl.SSL_OP_NO_COMPRESSION | LibSsl.SSL_OP_NO_RENEGOTIATION | LibSsl.SSL_OP_CIPHER_SERVER_PREFERENCE | LibSsl.SSL_OP_PRIORITIZE_CHACHA);
        _ = LibSsl.SSL_CTX_ctrl(context, LibSsl.SSL_CTRL_MODE, LibSsl.SSL_MODE_RELEASE_BUFFERS | LibSsl.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, 0);
        // Sessions live in tickets alone, one for each connection.
        _ = LibSsl.SSL_CTX_ctrl(context, LibSsl.SSL_CTRL_SET_SESS_CACHE_MODE, LibSsl.SSL_SESS_CACHE_OFF, 0);
        _ = LibSsl.SSL_CTX_set_timeout(context, (nint)TicketKeys.TicketLifetime.TotalSeconds);
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_set_num_tickets(context, options.ClientCertificates == ClientCertificates.None ? 1u : 0u));
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_set_session_id_context(context, _sessionContext, (uint)_sessionContext.Length));
    }

    private static void SetClientCertificates(SslContextHandle context, TlsServerOptions options)
    {
        if (options.ClientCertificates == ClientCertificates.None) return;
        // A ticket would carry a verified certificate past its end and past the removal of its authority.
        _ = LibSsl.SSL_CTX_set_options(context, LibSsl.SSL_OP_NO_TICKET);
        var mode = LibSsl.SSL_VERIFY_PEER | (options.ClientCertificates == ClientCertificates.Required ? LibSsl.SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
        LibSsl.SSL_CTX_set_verify(context, mode, options.AdmitInvalidClientCertificates ? &AdmitCertificate : null);
        if (options.ClientAuthorities.IsEmpty) return;
        // The store is the context's.
        var store = OpenSslError.ThrowIfNull(LibSsl.SSL_CTX_get_cert_store(context));
        foreach (var authority in TlsCertificate.ReadAll(options.ClientAuthorities.Span, "the authorities of client certificates"))
        {
            using (authority)
            {
                OpenSslError.ThrowUnlessOne(LibCrypto.X509_STORE_add_cert(store, authority));
                OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_add_client_CA(context, authority));
            }
        }
    }

    private static void SetCallbacks(SslContextHandle context, SslServerSettings settings)
    {
        // Freed after the context, which outlives every session.
        var reference = GCHandle.Alloc(settings);
        context.Released = reference.Free;
        var state = GCHandle.ToIntPtr(reference);
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_set_ex_data(context, _stateIndex, state));
        OpenSslError.ThrowUnlessOne(LibSsl.SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &PrepareTicket));
        if (settings._protocols.Length > 0) LibSsl.SSL_CTX_set_alpn_select_cb(context, &SelectProtocol, state);
        if (settings._names.AreSeveral) LibSsl.SSL_CTX_set_cert_cb(context, &SelectCertificate, state);
    }

    private static SslServerSettings From(nint state) => (SslServerSettings)GCHandle.FromIntPtr(state).Target!;

    // An exception must never pass through native code: here it fails the handshake.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int PrepareTicket(nint ssl, byte* name, byte* initialVector, nint cipher, nint mac, int make)
    {
        try
        {
            return From(LibSsl.SSL_CTX_get_ex_data(LibSsl.SSL_get_SSL_CTX(ssl), _stateIndex))._ticketKeys.Prepare(name, initialVector, cipher, mac, make == 1);
        }
        catch (Exception)
        {
            return -1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SelectProtocol(nint ssl, byte** selected, byte* selectedLength, byte* offered, uint offeredLength, nint state)
    {
        try
        {
            var protocols = (ReadOnlySpan<byte>)From(state)._protocols;
            while (!protocols.IsEmpty)
            {
                var protocol = protocols[1..(1 + protocols[0])];
                for (var position = 0u; position < offeredLength; position += 1u + offered[position])
                {
                    // The list's own lengths were checked by libssl.
                    if (!protocol.SequenceEqual(new ReadOnlySpan<byte>(offered + position + 1, offered[position]))) continue;
                    *selected = offered + position + 1;
                    *selectedLength = offered[position];
                    return LibSsl.SSL_TLSEXT_ERR_OK;
                }

                protocols = protocols[(1 + protocols[0])..];
            }
        }
        catch (Exception)
        {
            // As with no common protocol.
        }

        return LibSsl.SSL_TLSEXT_ERR_ALERT_FATAL;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SelectCertificate(nint ssl, nint state)
    {
        try
        {
            var names = From(state)._names;
            var certificates = names.Find(TlsSession.ReadServerName(ssl));
            if (certificates == names.Default) return 1;
            LibSsl.SSL_certs_clear(ssl);
            foreach (var certificate in certificates)
            {
                if (LibSsl.SSL_use_cert_and_key(ssl, certificate.Leaf, certificate.Key, certificate.Chain, replace: 1) != 1) return 0;
            }

            return 1;
        }
        catch (Exception)
        {
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AdmitCertificate(int valid, nint store) => 1;
}
