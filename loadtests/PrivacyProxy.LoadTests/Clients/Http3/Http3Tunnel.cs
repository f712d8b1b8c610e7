using MsQuic;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.LoadTests.Clients.Http3;

/// <summary>A tunnel on a stream of HTTP/3, with its HTTP Datagrams where its connection takes them.</summary>
internal sealed class Http3Tunnel(Http3Connection connection, QuicStream stream, Http3Input input, long askedAt, long answeredAt) : ClientTunnel(askedAt, answeredAt)
{
    private readonly QuicDatagramBatch _batch = new();
    private bool _isCompleted;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => input.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Http3Frames.Write(stream.Output, Http3Codes.DataFrame, bytes.Span);
        if ((await stream.Output.FlushAsync(cancellationToken)).IsCompleted) throw new IOException("The proxy wants no more of the tunnel.");
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        _isCompleted = true;
        return stream.Output.CompleteAsync();
    }

    /// <summary>Sends a UDP payload so many times beside the stream; what the path does not take is lost.</summary>
    public void Send(ReadOnlySpan<byte> payload, int count) => connection.Send(_batch, stream.Id, payload, count);

    /// <summary>Who is told of what comes beside the stream, on libmsquic's thread.</summary>
    public void Receive(QuicDatagramHandler receiver) => connection.Receive(stream.Id, receiver);

    public override async ValueTask DisposeAsync()
    {
        connection.Forget(stream.Id);
        if (!_isCompleted) stream.Abort(Http3Codes.RequestCancelled);
        await stream.DisposeAsync();
    }
}
