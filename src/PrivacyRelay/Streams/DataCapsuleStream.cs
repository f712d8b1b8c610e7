using Masque;

namespace PrivacyRelay.Streams;

/// <summary>The bytes of a TCP connection in the DATA and FINAL_DATA capsules of a connect-tcp tunnel, whose two directions end apart.</summary>
/// <param name="capsules">What carries the capsules; disposed with this.</param>
/// <param name="carrier">Cuts it.</param>
internal sealed class DataCapsuleStream(Stream capsules, IStreamEnds carrier) : TunnelStream, IStreamEnds
{
    /// <summary>For headers, and the little that comes with them: the bulk goes where it is read to.</summary>
    private const int BufferSize = 4096;

    /// <summary>How long what was sent last may take to reach the destination once nobody waits for it any more.</summary>
    private static readonly TimeSpan _lingerTimeout = TimeSpan.FromMinutes(2);

    private readonly byte[] _header = new byte[CapsuleWriter.MaxHeaderLength];
    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private ulong _type;
    private ulong _remaining;
    private bool _hasFinal;
    private bool _hasSentFinal;

    private bool HasEnded => _hasFinal && _remaining == 0;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!HasEnded && !buffer.IsEmpty)
        {
            if (_remaining == 0)
            {
                if (!TryReadHeader()) await FillAsync(cancellationToken);
                continue;
            }

            var isData = _type is CapsuleType.Data or CapsuleType.FinalData;
            if (_start == _end && isData) return await ReadValueAsync(buffer, cancellationToken);
            if (_start == _end) await FillAsync(cancellationToken);
            var count = (int)Math.Min((ulong)(_end - _start), _remaining);
            if (isData) count = Math.Min(count, buffer.Length);
            if (isData) _buffer.AsSpan(_start, count).CopyTo(buffer.Span);
            _start += count;
            _remaining -= (ulong)count;
            if (isData) return count;
        }

        return 0;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return;
        await WriteHeaderAsync(CapsuleType.Data, buffer.Length, cancellationToken);
        await capsules.WriteAsync(buffer, cancellationToken);
        await capsules.FlushAsync(cancellationToken);
    }

    public async ValueTask CompleteWritesAsync(CancellationToken cancellationToken)
    {
        await WriteHeaderAsync(CapsuleType.FinalData, 0, cancellationToken);
        await capsules.FlushAsync(cancellationToken);
        _hasSentFinal = true;
    }

    public void Abort() => carrier.Abort();

    /// <summary>After an end on both sides lets the last bytes sent arrive: ending the stream at once could overtake them.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (HasEnded && _hasSentFinal) _ = LingerAsync();
        else await capsules.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !(HasEnded && _hasSentFinal)) capsules.Dispose();
        base.Dispose(disposing);
    }

    private ValueTask WriteHeaderAsync(ulong type, int length, CancellationToken cancellationToken) =>
        capsules.WriteAsync(_header.AsMemory(0, CapsuleWriter.WriteHeader(_header, type, (ulong)length)), cancellationToken);

    private bool TryReadHeader()
    {
        ReadOnlySpan<byte> buffered = _buffer.AsSpan(_start.._end);
        if (!VarInt.TryRead(buffered, out _type, out var typeLength) || !VarInt.TryRead(buffered[typeLength..], out _remaining, out var lengthLength))
        {
            _remaining = 0;
            return false;
        }

        _start += typeLength + lengthLength;
        _hasFinal = _type == CapsuleType.FinalData;
        return true;
    }

    private async ValueTask<int> ReadValueAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await capsules.ReadAsync(buffer[..(int)Math.Min((ulong)buffer.Length, _remaining)], cancellationToken);
        if (count == 0) throw Truncated();
        _remaining -= (ulong)count;
        return count;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var count = await capsules.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (count == 0) throw Truncated();
        _end += count;
    }

    /// <summary>Without FINAL_DATA a tunnel was cut.</summary>
    private static IOException Truncated() => new("The tunnel was cut.");

    private async Task LingerAsync()
    {
        using var timeout = new CancellationTokenSource(_lingerTimeout);
        try
        {
            // The proxy ends the stream when it has delivered everything; what else it says means nothing.
            while (await capsules.ReadAsync(_buffer, timeout.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or HttpRequestException)
        {
            // Cut, or too slow.
        }
        finally
        {
            await capsules.DisposeAsync();
        }
    }
}
