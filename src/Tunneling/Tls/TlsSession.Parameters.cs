using System.Net.Security;
using System.Runtime.InteropServices;
using System.Text;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>What the handshake agreed on, and a session without a socket.</summary>
internal sealed unsafe partial class TlsSession
{
    /// <summary>The version.</summary>
    public TlsVersion Version => (TlsVersion)LibSsl.SSL_version(_ssl);

    /// <summary>The cipher suite, by its number in the registry of IANA.</summary>
    public TlsCipherSuite CipherSuite =>
        LibSsl.SSL_get_current_cipher(_ssl) is var cipher and not 0 ? (TlsCipherSuite)LibSsl.SSL_CIPHER_get_protocol_id(cipher) : TlsCipherSuite.TLS_NULL_WITH_NULL_NULL;

    /// <summary>Whether it was made from a ticket.</summary>
    public bool IsResumed => LibSsl.SSL_session_reused(_ssl) == 1;

    /// <summary>Whether the application protocol is this one, without making an object.</summary>
    public bool Speaks(ReadOnlySpan<byte> protocol) => SelectedProtocol.SequenceEqual(protocol);

    /// <summary>The application protocol, null when the client offered none.</summary>
    public string? ApplicationProtocol => SelectedProtocol is { IsEmpty: false } protocol ? Encoding.ASCII.GetString(protocol) : null;

    /// <summary>The name that the client asked for, null when it did not.</summary>
    public string? ServerName => ReadServerName(_ssl.DangerousGetHandle());

    /// <summary>The client's certificate in DER, null when there is none.</summary>
    public byte[]? GetClientCertificate()
    {
        using var certificate = LibSsl.SSL_get1_peer_certificate(_ssl);
        return certificate.IsInvalid ? null : TlsCertificate.ToDer(certificate);
    }

    /// <summary>What is wrong with the client's certificate, as a fixed text; null when nothing is, or there is none.</summary>
    public string? ClientCertificateProblem =>
        LibSsl.SSL_get_verify_result(_ssl) is var result and not LibCrypto.X509_V_OK ? Marshal.PtrToStringUTF8(LibCrypto.X509_verify_cert_error_string(result)) : null;

    private ReadOnlySpan<byte> SelectedProtocol
    {
        get
        {
            byte* protocol;
            uint length;
            LibSsl.SSL_get0_alpn_selected(_ssl, &protocol, &length);
            // libssl's memory: alive as long as the session.
            return new ReadOnlySpan<byte>(protocol, (int)length);
        }
    }

    internal static string? ReadServerName(nint ssl) => Marshal.PtrToStringUTF8((nint)LibSsl.SSL_get_servername(ssl, LibSsl.TLSEXT_NAMETYPE_host_name));

    /// <summary>Without a socket: takes ciphertext from the peer, and tells how much.</summary>
    internal int Give(ReadOnlySpan<byte> ciphertext)
    {
        var taken = Math.Min(ciphertext.Length, TlsBuffers.ReceiveSize - _unread.Length);
        _unread.Append(ciphertext[..taken]);
        return taken;
    }

    /// <summary>Without a socket: the peer's direction has ended.</summary>
    internal void GiveEnd() => _received = IoStatus.End;

    /// <summary>Without a socket: takes ciphertext for the peer.</summary>
    internal int Take(Span<byte> ciphertext) => _unsent.MoveTo(ciphertext);
}
