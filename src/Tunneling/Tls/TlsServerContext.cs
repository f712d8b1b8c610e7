using System.Security.Cryptography;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// Everything the TLS connections of a listener share: TLS 1.2 and 1.3, AEAD with forward secrecy, tickets, ALPN, certificates chosen by name.
/// Neither renegotiation nor compression nor early data. Lifetime: disposing it ends no session; each keeps what it was made from. Safe for
/// concurrent use.
/// </summary>
internal sealed class TlsServerContext : IDisposable
{
    private readonly TlsServerOptions _options;
    private readonly TicketKeys _ticketKeys;
    private volatile SslContextHandle _current;
    private bool _disposed;

    /// <param name="options">Fixed for the life of the context.</param>
    /// <param name="certificates">At least one; the first is shown where no name fits.</param>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is not here.</exception>
    /// <exception cref="CryptographicException">OpenSSL refuses a certificate, such as one with a key too short.</exception>
    /// <exception cref="TlsCertificateException">The authorities of clients cannot be read.</exception>
    public TlsServerContext(TlsServerOptions options, params IReadOnlyList<TlsCertificate> certificates)
    {
        if (OpenSslLibrary.Problem is { } problem) throw new PlatformNotSupportedException(problem);
        _options = options;
        _ticketKeys = options.TicketKeys ?? TicketKeys.Random(TimeProvider.System);
        _current = SslServerSettings.Create(_options, _ticketKeys, new ServerNames(certificates));
    }

    /// <summary>Shows these certificates to connections from now on; those that are open go on with theirs.</summary>
    /// <param name="certificates">As in the constructor.</param>
    /// <exception cref="CryptographicException">OpenSSL refuses one; then nothing has changed.</exception>
    public void Use(params IReadOnlyList<TlsCertificate> certificates)
    {
        var next = SslServerSettings.Create(_options, _ticketKeys, new ServerNames(certificates));
        Interlocked.Exchange(ref _current, next).Dispose();
        if (_disposed) next.Dispose();
    }

    /// <summary>The server's side of a new connection. The session does not own the socket.</summary>
    /// <param name="socket">Non-blocking, and open for as long as the session is used.</param>
    /// <param name="buffers">Of the thread that will use the session.</param>
    /// <exception cref="CryptographicException">No memory is left.</exception>
    public TlsSession Accept(SocketHandle socket, TlsBuffers buffers) => new(NewSsl(), isServer: true, socket, buffers);

    /// <summary>The server's side of a connection without a socket, which is given its bytes.</summary>
    internal TlsSession Accept(TlsBuffers buffers) => new(NewSsl(), isServer: true, socket: null, buffers);

    public void Dispose()
    {
        _disposed = true;
        _current.Dispose();
    }

    private SslHandle NewSsl()
    {
        while (true)
        {
            var context = _current;
            try
            {
                var ssl = OpenSslError.ThrowIfInvalid(LibSsl.SSL_new(context));
                ssl.Keep(context);
                return ssl;
            }
            catch (ObjectDisposedException) when (!_disposed)
            {
                // Replaced between the two lines: there is another one.
            }
        }
    }
}
