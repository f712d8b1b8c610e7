using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MsQuic.Native;

namespace MsQuic;

/// <content>What libmsquic says, on its threads.</content>
public sealed partial class QuicConnection
{
    void IConnectionEvents.OnConnected(ReadOnlySpan<byte> protocol)
    {
        Protocol = new SslApplicationProtocol(protocol.ToArray());
        FindMaxDatagramSize();
        _connected.TrySetResult();
    }

    void IConnectionEvents.OnShutdownByTransport(uint status, long code)
    {
        var reason = Status.ToException(status, "The connection ended");
        End(new QuicException(reason.Error, reason.Message, transportErrorCode: code));
    }

    void IConnectionEvents.OnShutdownByPeer(long code) => End(QuicException.ConnectionAborted(code));

    void IConnectionEvents.OnShutdownComplete()
    {
        // A client's that is closed before it is open says nothing else.
        End(QuicException.Aborted("The connection was closed."));
        _shutdown.TrySetResult();
    }

    void IConnectionEvents.OnPeerAddressChanged(IPEndPoint address) => _remote = address;

    void IConnectionEvents.OnStreamStarted(nint stream, bool bidirectional)
    {
        var accepted = QuicStream.Accept(this, stream, bidirectional);
        // Too late: it is closed on another thread, as that must not be done here.
        if (!_streams.Writer.TryWrite(accepted)) _ = Task.Run(async () => await accepted.DisposeAsync().ConfigureAwait(false));
    }

    uint IConnectionEvents.OnCertificate(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> chain)
    {
        var (leaf, others) = (certificate.ToArray(), chain.ToArray());
        // Building a chain may ask the network.
        _ = Task.Run(() => _handle.CompleteCertificateValidation(IsTrusted(leaf, others)));
        return Status.Pending;
    }

    private bool IsTrusted(byte[] certificate, byte[] others)
    {
        try
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            // Of a server for a client, or the other way round.
            chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(_host is null ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1"));
            var errors = SslPolicyErrors.None;
            X509Certificate2? leaf = null;
            if (certificate.Length == 0)
            {
                errors = SslPolicyErrors.RemoteCertificateNotAvailable;
            }
            else
            {
                leaf = X509CertificateLoader.LoadCertificate(certificate);
#pragma warning disable SYSLIB0057 // PKCS #7, which the loader that replaces it does not read.
                if (others.Length > 0) chain.ChainPolicy.ExtraStore.Import(others);
#pragma warning restore SYSLIB0057
                if (!chain.Build(leaf)) errors |= SslPolicyErrors.RemoteCertificateChainErrors;
                if (_host is not null && !leaf.MatchesHostname(_host)) errors |= SslPolicyErrors.RemoteCertificateNameMismatch;
            }

            PeerCertificate = leaf;
            return _configuration!.Validate!(this, leaf, chain, errors);
        }
        catch (Exception)
        {
            // One that cannot be read, or a validation that fails, is no trust.
            return false;
        }
    }
}
