using System.Net.Security;

namespace PrivacyRelay.Streams;

/// <summary>Ends TLS: close_notify for one direction, a cut of what carries it for both.</summary>
internal sealed class TlsEnds(SslStream tls, IStreamEnds carrier) : IStreamEnds
{
    public async ValueTask CompleteWritesAsync(CancellationToken cancellationToken) => await tls.ShutdownAsync().WaitAsync(cancellationToken);

    public void Abort() => carrier.Abort();
}
