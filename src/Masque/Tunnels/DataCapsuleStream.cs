namespace Masque.Tunnels;

/// <summary>The bytes of a TCP connection in the DATA and FINAL_DATA capsules of a connect-tcp tunnel, whose two directions end apart.</summary>
/// <param name="capsules">What carries the capsules; disposed with this.</param>
internal sealed class DataCapsuleStream(Stream capsules) : TunnelStream
{
    /// <summary>How long what was sent last may take to reach the destination once nobody waits for it any more.</summary>
    private static readonly TimeSpan _lingerTimeout = TimeSpan.FromMinutes(2);

    private readonly byte[] _header = new byte[CapsuleWriter.MaxHeaderLength];
    private readonly FramedInput _input = new(capsules);
    private bool _hasFinal;
    private bool _hasSentFinal;

    private bool HasEnded => _hasFinal && _input.Remaining == 0;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!HasEnded && !buffer.IsEmpty)
        {
            if (_input is { Remaining: > 0, Type: CapsuleType.Data or CapsuleType.FinalData }) return await _input.ReadAsync(buffer, cancellationToken);
            if (!await _input.NextAsync(cancellationToken)) throw new IOException("The tunnel was cut before its end.");
            _hasFinal = _input.Type == CapsuleType.FinalData;
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

    /// <summary>Ends the direction from here, as FIN does; the other one stays open.</summary>
    public async ValueTask CompleteWritesAsync(CancellationToken cancellationToken)
    {
        await WriteHeaderAsync(CapsuleType.FinalData, 0, cancellationToken);
        await capsules.FlushAsync(cancellationToken);
        _hasSentFinal = true;
    }

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

    private async Task LingerAsync()
    {
        using var timeout = new CancellationTokenSource(_lingerTimeout);
        var scrap = new byte[256];
        try
        {
            // The proxy ends the stream when it has delivered everything; what else it says means nothing.
            while (await capsules.ReadAsync(scrap, timeout.Token) > 0)
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
