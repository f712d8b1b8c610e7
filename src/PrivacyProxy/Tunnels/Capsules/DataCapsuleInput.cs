using System.Buffers;
using System.IO.Pipelines;
using Masque;

namespace PrivacyProxy.Tunnels.Capsules;

/// <summary>
/// The TCP bytes in the DATA and FINAL_DATA capsules a client sends (draft-ietf-httpbis-connect-tcp, section 3), without a copy.
/// Ends with FINAL_DATA; a stream that ends before it, or within a capsule, is broken and throws.
/// </summary>
internal sealed class DataCapsuleInput(PipeReader capsules) : PipeReader
{
    private CapsuleReader _reader;
    private SequencePosition _afterValue;
    private SequencePosition _endOfValue;
    private bool _isFinal;
    private bool _holdsValue;

    private bool HasEnded => _isFinal && !_reader.IsInCapsule;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (!HasEnded)
        {
            var result = await capsules.ReadAsync(cancellationToken);
            if (TakeValue(result, out var read)) return read;
        }

        return new ReadResult(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);
    }

    public override bool TryRead(out ReadResult result)
    {
        while (!HasEnded)
        {
            if (!capsules.TryRead(out var available))
            {
                result = default;
                return false;
            }

            if (TakeValue(available, out result)) return true;
        }

        result = new ReadResult(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);
        return true;
    }

    /// <summary>What was read is consumed as a whole.</summary>
    public override void AdvanceTo(SequencePosition consumed)
    {
        if (!_holdsValue) return;
        if (!consumed.Equals(_endOfValue)) throw new NotSupportedException("What was read is consumed as a whole.");
        _holdsValue = false;
        capsules.AdvanceTo(_afterValue);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => AdvanceTo(consumed);

    public override void CancelPendingRead() => capsules.CancelPendingRead();

    public override void Complete(Exception? exception = null) => capsules.Complete(exception);

    /// <summary>True: there is something to return. False: everything that had arrived was capsules of other types, or not enough.</summary>
    /// <exception cref="InvalidDataException">The stream is broken.</exception>
    private bool TakeValue(ReadResult result, out ReadResult read)
    {
        var buffer = result.Buffer;
        if (result.IsCanceled)
        {
            capsules.AdvanceTo(buffer.Start);
            read = new ReadResult(ReadOnlySequence<byte>.Empty, isCanceled: true, isCompleted: false);
            return true;
        }

        while (_reader.IsInCapsule || TryReadHeader(ref buffer))
        {
            var value = _reader.TakeValue(ref buffer);
            if (_reader.Type is CapsuleType.Data or CapsuleType.FinalData && (!value.IsEmpty || HasEnded))
            {
                (_endOfValue, _afterValue, _holdsValue) = (value.End, buffer.Start, true);
                read = new ReadResult(value, isCanceled: false, isCompleted: HasEnded);
                return true;
            }

            if (_reader.IsInCapsule) break;
        }

        capsules.AdvanceTo(buffer.Start, buffer.End);
        if (result.IsCompleted) throw new InvalidDataException("The client's stream ended without FINAL_DATA.");
        read = default;
        return false;
    }

    private bool TryReadHeader(ref ReadOnlySequence<byte> buffer)
    {
        if (!_reader.TryReadHeader(ref buffer)) return false;
        _isFinal |= _reader.Type == CapsuleType.FinalData;
        return true;
    }
}
