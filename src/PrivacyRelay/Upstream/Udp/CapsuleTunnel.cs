using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Masque;
using Masque.Udp;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Udp;

/// <summary>
/// A UDP tunnel in the DATAGRAM capsules of a stream, whatever HTTP version the stream is of (RFC 9297, section 3.5), or in datagrams beside it
/// where both ends have those; capsules are read all the same.
/// </summary>
internal sealed class CapsuleTunnel : IDatagramTunnel
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Datagrams that wait to be taken; beyond that they are lost, as a network would lose them.</summary>
    private const int MaxWaiting = 512;

    private readonly Stream _stream;
    private readonly IStreamDatagrams? _beside;
    private readonly PipeWriter _writer;
    private readonly PipeReader _reader;
    private readonly Channel<ReadOnlyMemory<byte>>? _arrived;
    private readonly CancellationTokenSource _closing = new();
    private Task _capsules = Task.CompletedTask;
    private UdpDatagramReader _datagrams;
    private ReadOnlySequence<byte> _unread;
    private bool _holdsBuffer;
    private bool _hasEnded;
    private long _dropped;

    /// <param name="stream">Where the capsules are; disposed with the tunnel.</param>
    /// <param name="beside">Datagrams beside it; null where there are none.</param>
    public CapsuleTunnel(Stream stream, IStreamDatagrams? beside = null)
    {
        (_stream, _beside) = (stream, beside);
        _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize, leaveOpen: true));
        // Waits with a read of zero bytes, so that an idle tunnel holds no buffer.
        _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true, useZeroByteReads: true));
        if (beside is null) return;
        _arrived = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }, _ => Lose());
        beside.Open(Arrived);
        _capsules = ReadCapsulesAsync(_arrived.Writer);
    }

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Write(ReadOnlySpan<byte> payload)
    {
        if (_beside is not null)
        {
            // Context 0 (RFC 9298, section 4).
            if (!_beside.Send([0], payload)) Interlocked.Increment(ref _dropped);
            return;
        }

        var span = _writer.GetSpan(UdpDatagram.MaxHeaderLength + payload.Length);
        var header = UdpDatagram.WriteHeader(span, payload.Length);
        payload.CopyTo(span[header..]);
        _writer.Advance(header + payload.Length);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_arrived is null) await _writer.FlushAsync(cancellationToken);
    }

    public async ValueTask<ReadOnlySequence<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_arrived is null) return await NextCapsuleAsync(cancellationToken);
        while (await _arrived.Reader.WaitToReadAsync(cancellationToken))
            if (_arrived.Reader.TryRead(out var payload)) return new ReadOnlySequence<byte>(payload);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _capsules;
        // Not completed with an end of the stream: what was not flushed is not to be sent any more.
        await _reader.CompleteAsync();
        await _stream.DisposeAsync();
        _closing.Dispose();
    }

    private void Lose()
    {
        Interlocked.Increment(ref _dropped);
        DroppedDatagrams.Add(DatagramDrop.QueueFull);
    }

    /// <summary>One of a context that nobody registered is dropped (RFC 9298, section 4).</summary>
    private void Arrived(ReadOnlyMemory<byte> datagram)
    {
        if (VarInt.TryRead(datagram.Span, out var context, out var length) && context == 0) _arrived!.Writer.TryWrite(datagram[length..]);
    }

    /// <summary>Where datagrams come beside the stream, those on it are few; they go the same way.</summary>
    private async Task ReadCapsulesAsync(ChannelWriter<ReadOnlyMemory<byte>> arrived)
    {
        try
        {
            while (await NextCapsuleAsync(_closing.Token) is { } payload) arrived.TryWrite(payload.ToArray());
            arrived.TryComplete();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            arrived.TryComplete(e as IOException ?? new IOException("The tunnel is broken.", e));
        }
    }

    private async ValueTask<ReadOnlySequence<byte>?> NextCapsuleAsync(CancellationToken cancellationToken)
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
