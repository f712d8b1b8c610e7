using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

/// <summary>The input of a client's stream of one direction: shows its start to <see cref="ClientSettings"/> as it is read, then only passes on.</summary>
internal sealed class ClientSettingsReader(PipeReader input, HttpDatagrams datagrams) : PipeReader
{
    private ArrayBufferWriter<byte>? _start = new();
    private ReadOnlySequence<byte> _read;
    private long _seen;
    private long _consumed;

    public override bool TryRead(out ReadResult result)
    {
        if (!input.TryRead(out result)) return false;
        Look(result.Buffer);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        return _start is null ? input.ReadAsync(cancellationToken) : LookAsync(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_start is not null) _consumed += _read.IsEmpty ? 0 : _read.Slice(0, consumed).Length;
        _read = default;
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> LookAsync(CancellationToken cancellationToken)
    {
        var result = await input.ReadAsync(cancellationToken);
        Look(result.Buffer);
        return result;
    }

    private void Look(in ReadOnlySequence<byte> buffer)
    {
        if (_start is null) return;
        _read = buffer;
        // What was read before and not consumed comes again.
        var isNew = buffer.Slice(Math.Min(_seen - _consumed, buffer.Length));
        _seen += isNew.Length;
        // A bit more than the longest that is looked into.
        foreach (var part in isNew) _start.Write(part.Span[..Math.Min(part.Length, Math.Max(0, ClientSettings.MaxLength + 64 - _start.WrittenCount))]);
        if (!ClientSettings.TryFind(_start.WrittenSpan, out var value)) return;
        _start = null;
        if (value is { } wanted) datagrams.SetWanted(wanted);
    }
}
