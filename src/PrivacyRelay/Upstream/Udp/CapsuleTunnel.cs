using System.Buffers;
using System.IO.Pipelines;
using Masque.Udp;

namespace PrivacyRelay.Upstream.Udp;

/// <summary>A UDP tunnel in the DATAGRAM capsules of a stream, whatever HTTP version the stream is of (RFC 9297, section 3.5).</summary>
internal sealed class CapsuleTunnel(Stream stream) : IDatagramTunnel
{
    private const int BufferSize = 16 * 1024;

    private readonly PipeWriter _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize, leaveOpen: true));

    // Waits with a read of zero bytes, so that an idle tunnel holds no buffer.
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true, useZeroByteReads: true));
    private UdpDatagramReader _datagrams;
    private ReadOnlySequence<byte> _unread;
    private bool _holdsBuffer;
    private bool _hasEnded;

    public void Write(ReadOnlySpan<byte> payload)
    {
        var span = _writer.GetSpan(UdpDatagram.MaxHeaderLength + payload.Length);
        var header = UdpDatagram.WriteHeader(span, payload.Length);
        payload.CopyTo(span[header..]);
        _writer.Advance(header + payload.Length);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await _writer.FlushAsync(cancellationToken);

    public async ValueTask<ReadOnlySequence<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_holdsBuffer)
            {
                if (TryTakePayload(out var payload)) return payload;
                if (_hasEnded) return _datagrams.IsInCapsule || !_unread.IsEmpty ? throw new IOException("The proxy's stream ended within a datagram.") : null;
                _holdsBuffer = false;
                _reader.AdvanceTo(_unread.Start, _unread.End);
            }

            var result = await _reader.ReadAsync(cancellationToken);
            (_unread, _hasEnded, _holdsBuffer) = (result.Buffer, result.IsCompleted, true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Not completed with an end of the stream: what was not flushed is not to be sent any more.
        await _reader.CompleteAsync();
        await stream.DisposeAsync();
    }

    private bool TryTakePayload(out ReadOnlySequence<byte> payload)
    {
        while (true)
        {
            switch (_datagrams.Read(ref _unread, out payload))
            {
                case UdpDatagramStep.Payload: return true;
                case UdpDatagramStep.NeedMore: return false;
                case UdpDatagramStep.Malformed: throw new IOException("The proxy sent a malformed datagram.");
                case UdpDatagramStep.Skipped: break;
            }
        }
    }
}
