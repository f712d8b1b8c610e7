using Masque.Tunnels;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A connection of the tests as the relay's HTTP/3 wants it.</summary>
internal sealed class RelayTransport(ITransportConnection connection) : IQuicTransport
{
    public async ValueTask<DuplexStream> OpenAsync(bool bidirectional, CancellationToken cancellationToken) => Duplex(await connection.OpenAsync(bidirectional));

    public async ValueTask<RequestStream?> TryOpenRequestAsync(CancellationToken cancellationToken) => new RequestStream(await OpenAsync(bidirectional: true, cancellationToken), Id: -1);

    public async ValueTask<DuplexStream> AcceptAsync(CancellationToken cancellationToken) =>
        Duplex(await connection.AcceptAsync().AsTask().WaitAsync(cancellationToken));

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static DuplexStream Duplex(ITransportStream stream)
    {
        var whole = new Adapter(stream);
        return new DuplexStream(whole, whole);
    }

    private sealed class Adapter(ITransportStream stream) : TunnelStream, IStreamEnds
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await stream.ReadAsync(buffer).AsTask().WaitAsync(cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await stream.WriteAsync(buffer).AsTask().WaitAsync(cancellationToken);

        public ValueTask CompleteWritesAsync(CancellationToken cancellationToken)
        {
            stream.CompleteWrites();
            return ValueTask.CompletedTask;
        }

        public void Abort()
        {
            stream.Reset(Client.Http3Codes.RequestCancelled);
            stream.StopSending(Client.Http3Codes.RequestCancelled);
        }
    }
}
