using System.Buffers;
using System.IO.Pipelines;
using Masque.Udp;

namespace PrivacyRelay.Upstream.Udp;

/// <summary>A UDP tunnel in the DATAGRAM capsules of a stream, whatever HTTP version the stream is of (RFC 9297, section 3.5).</summary>
internal sealed class CapsuleTunnel(Stream stream) : IDatagramTunnel
{
    // One record or frame for many datagrams; reading by zero bytes first holds no buffer while nothing comes.
    private readonly PipeWriter _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: 16 * 1024, leaveOpen: true));
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true, useZeroByteReads: true));
    private UdpDatagramReader _datagrams;

    public void Write(ReadOnlySpan<byte> payload)
    {
        var span = _writer.GetSpan(UdpDatagram.MaxHeaderLength + payload.Length);
        var header = UdpDatagram.WriteHeader(span, payload.Length);
        payload.CopyTo(span[header..]);
        _writer.Advance(header + payload.Length);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await _writer.FlushAsync(cancellationToken);

    public async ValueTask<int?> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _reader.ReadAsync(cancellationToken);
            var unread = result.Buffer;
            var step = TakePayload(ref unread, buffer.Span, out var length);
            // Without a payload all that is here has been looked at; behind one there may be another.
            _reader.AdvanceTo(unread.Start, step == UdpDatagramStep.Payload ? unread.Start : unread.End);
            if (step == UdpDatagramStep.Payload) return length;
            if (step == UdpDatagramStep.Malformed) throw new IOException("The proxy sent a malformed datagram.");
            if (!result.IsCompleted) continue;
            return _datagrams.IsInCapsule || !unread.IsEmpty ? throw new IOException("The proxy's stream ended within a datagram.") : null;
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private UdpDatagramStep TakePayload(ref ReadOnlySequence<byte> unread, Span<byte> destination, out int length)
    {
        UdpDatagramStep step;
        ReadOnlySequence<byte> payload;
        do step = _datagrams.Read(ref unread, out payload);
        while (step == UdpDatagramStep.Skipped);
        length = (int)payload.Length;
        payload.CopyTo(destination);
        return step;
    }
}
