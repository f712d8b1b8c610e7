using System.Buffers;
using System.IO.Pipelines;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>What a connection receives; see <see cref="WatchedTransport"/>.</summary>
internal sealed class WatchedReader(PipeReader inner, AdmittedConnection connection, ConnectionRegistry registry) : PipeReader
{
    private readonly ReadGate _gate = new();
    private ReadOnlySequence<byte> _buffer;

    /// <summary>Reads wait until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        if (connection.IsStranger) _gate.Close();
    }

    /// <summary>Reads go on.</summary>
    public void Resume() => _gate.Open();

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (!_gate.IsOpen || !inner.TryRead(out result)) return false;
        _buffer = result.Buffer;
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => connection.IsStranger
        ? ReadWatchedAsync(cancellationToken)
        : inner.ReadAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed)
    {
        Count(consumed);
        inner.AdvanceTo(consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Count(consumed);
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        inner.CancelPendingRead();
        Resume();
    }

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private async ValueTask<ReadResult> ReadWatchedAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        var result = await inner.ReadAsync(cancellationToken);
        _buffer = result.Buffer;
        return result;
    }

    private void Count(SequencePosition consumed)
    {
        // Bytes read before it became known need no counting: the buffer may be another's by now.
        if (!connection.IsStranger || _buffer.IsEmpty) return;
        var count = _buffer.Slice(0, consumed).Length;
        _buffer = default;
        registry.Received(connection, count);
    }
}
