using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Masque.Udp;

namespace Masque.Tunnels;

/// <summary>
/// One end of a connect-udp tunnel, a client's or a server's: UDP payloads in the DATAGRAM capsules of the stream that an accepted request has
/// become (RFC 9297, section 3.5; RFC 9298, section 5). One reader and one writer at a time.
/// </summary>
public sealed class UdpTunnel : IAsyncDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly Stream? _stream;
    private UdpDatagramReader _datagrams;
    private ReadOnlySequence<byte> _unread;
    private bool _holdsBuffer;
    private bool _hasEnded;

    /// <summary>A tunnel in a stream both ways.</summary>
    /// <param name="stream">What follows the head of an accepted request; disposed with the tunnel.</param>
    public UdpTunnel(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize, leaveOpen: true));
        // Waits with a read of zero bytes, so that an idle tunnel holds no buffer.
        _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true, useZeroByteReads: true));
    }

    /// <summary>A tunnel in two pipes; both are completed with it.</summary>
    /// <param name="input">What the peer sends.</param>
    /// <param name="output">What is sent to it.</param>
    public UdpTunnel(PipeReader input, PipeWriter output)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        (_reader, _writer) = (input, output);
    }

    /// <summary>Sends a UDP payload.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has more than 65,527 bytes.</exception>
    /// <exception cref="IOException">The tunnel is broken.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        Write(payload.Span);
        await FlushAsync(cancellationToken);
    }

    /// <summary>Takes a payload into the buffer; sent with the next <see cref="FlushAsync"/>, or with others that were written.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has more than 65,527 bytes.</exception>
    public void Write(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > UdpDatagram.MaxPayloadLength) throw new ArgumentOutOfRangeException(nameof(payload));
        var span = _writer.GetSpan(UdpDatagram.MaxHeaderLength + payload.Length);
        var header = UdpDatagram.WriteHeader(span, payload.Length);
        payload.CopyTo(span[header..]);
        _writer.Advance(header + payload.Length);
    }

    /// <summary>Sends what was written.</summary>
    /// <exception cref="IOException">The tunnel is broken.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default) => await _writer.FlushAsync(cancellationToken);

    /// <summary>The next UDP payload, possibly empty, good until the next call; null when the peer has ended the tunnel. Other capsules and contexts are skipped.</summary>
    /// <exception cref="IOException">The tunnel is broken, or the peer sent what none may.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_holdsBuffer)
            {
                if (TryTakePayload(out var payload)) return payload;
                if (_hasEnded) return _datagrams.IsInCapsule || !_unread.IsEmpty ? throw new IOException("The stream ended within a datagram.") : null;
                _holdsBuffer = false;
                _reader.AdvanceTo(_unread.Start, _unread.End);
            }

            var result = await _reader.ReadAsync(cancellationToken);
            (_unread, _hasEnded, _holdsBuffer) = (result.Buffer, result.IsCompleted, true);
        }
    }

    /// <summary>A server's part: packets between the tunnel and its target, until the peer ends the tunnel.</summary>
    /// <param name="target">A UDP socket that is connected to the target; not disposed. What it cannot send is lost, as a network would lose it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The tunnel is broken.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RelayAsync(Socket target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ways = new[] { UpAsync(target, ended.Token), DownAsync(target, ended.Token) };
        var first = await Task.WhenAny(ways);
        await ended.CancelAsync();
        await Task.WhenAll(ways).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    /// <summary>Ends the tunnel. What was not flushed is not sent any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync();
        if (_stream is not null) await _stream.DisposeAsync();
        else await _writer.CompleteAsync();
    }

    private async Task UpAsync(Socket target, CancellationToken cancellationToken)
    {
        while (await ReceiveAsync(cancellationToken) is { } payload)
        {
            try
            {
                await target.SendAsync(payload.IsSingleSegment ? payload.First : payload.ToArray(), SocketFlags.None, cancellationToken);
            }
            catch (SocketException)
            {
                // Too long for the way, or the target refused what was sent before.
            }
        }
    }

    private async Task DownAsync(Socket target, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(UdpDatagram.MaxPayloadLength);
        try
        {
            while (true)
            {
                try
                {
                    var length = await target.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
                    await SendAsync(buffer.AsMemory(0, length), cancellationToken);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.MessageSize)
                {
                    // An ICMP message about an earlier packet.
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
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
                case UdpDatagramStep.Malformed: throw new IOException("The peer sent a malformed datagram.");
                case UdpDatagramStep.Skipped: break;
            }
        }
    }
}
