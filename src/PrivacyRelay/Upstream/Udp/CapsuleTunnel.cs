using System.Buffers;
using System.Threading.Channels;
using Masque;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Udp;

/// <summary>
/// A UDP tunnel in the DATAGRAM capsules of a stream, whatever HTTP version the stream is of (RFC 9297, section 3.5), or in datagrams beside it
/// where both ends have those; capsules are read all the same.
/// </summary>
internal sealed class CapsuleTunnel : IDatagramTunnel
{
    /// <summary>Datagrams that wait to be taken; beyond that they are lost, as a network would lose them.</summary>
    private const int MaxWaiting = 512;

    private readonly UdpTunnel _tunnel;
    private readonly IStreamDatagrams? _beside;
    private readonly Channel<ReadOnlyMemory<byte>>? _arrived;
    private readonly CancellationTokenSource _closing = new();
    private Task _capsules = Task.CompletedTask;
    private long _dropped;

    /// <param name="stream">Where the capsules are; disposed with the tunnel.</param>
    /// <param name="beside">Datagrams beside it; null where there are none.</param>
    public CapsuleTunnel(Stream stream, IStreamDatagrams? beside = null)
    {
        (_tunnel, _beside) = (new UdpTunnel(stream), beside);
        if (beside is null) return;
        _arrived = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }, _ => Lose());
        beside.Open(Arrived);
        _capsules = ReadCapsulesAsync(_arrived.Writer);
    }

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Write(ReadOnlySpan<byte> payload)
    {
        // Context 0 (RFC 9298, section 4).
        if (_beside is null) _tunnel.Write(payload);
        else if (!_beside.Send([0], payload)) Interlocked.Increment(ref _dropped);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_arrived is null) await _tunnel.FlushAsync(cancellationToken);
    }

    public async ValueTask<ReadOnlySequence<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_arrived is null) return await _tunnel.ReceiveAsync(cancellationToken);
        while (await _arrived.Reader.WaitToReadAsync(cancellationToken))
            if (_arrived.Reader.TryRead(out var payload)) return new ReadOnlySequence<byte>(payload);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _capsules;
        await _tunnel.DisposeAsync();
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
            while (await _tunnel.ReceiveAsync(_closing.Token) is { } payload) arrived.TryWrite(payload.ToArray());
            arrived.TryComplete();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            arrived.TryComplete(e as IOException ?? new IOException("The tunnel is broken.", e));
        }
    }
}
