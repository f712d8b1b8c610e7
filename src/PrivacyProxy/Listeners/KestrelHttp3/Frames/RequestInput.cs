using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace PrivacyProxy.Listeners.KestrelHttp3.Frames;

/// <summary>
/// What Kestrel reads of a request's stream: the frames up to its head, then nothing until it is known what the request is. A tunnel takes what
/// follows itself (<see cref="TakeAsync"/>): Kestrel would wait for whole frames and copy each byte twice. Any other request leaves it to
/// Kestrel (<see cref="Release"/>). A feature of the stream.
/// </summary>
/// <param name="input">The stream's.</param>
/// <param name="breakConnection">Ends the connection with a code.</param>
/// <param name="refuse">Ends the stream with a code.</param>
/// <param name="maxFrame">The longest frame up to the head, bytes: Kestrel waits for all of it before it looks at its length.</param>
internal sealed class RequestInput(PipeReader input, Action<long> breakConnection, Action<long> refuse, int maxFrame) : PipeReader
{
    private const long ExcessiveLoad = 0x107;

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _headRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Outcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Of the head: what Kestrel was shown last, and where in a frame it has got to.
    private ReadOnlySequence<byte> _shown;
    private ulong _left;
    private bool _isHead;

    private volatile Phase _phase;
    private bool _hasEnded, _isReleased;

    private enum Phase
    {
        /// <summary>The head has not been read.</summary>
        Head,

        /// <summary>It has, and nobody has said what the request is.</summary>
        Held,

        /// <summary>All that follows is Kestrel's.</summary>
        Released,

        /// <summary>It is a tunnel's.</summary>
        Taken,
    }

    /// <summary>What Kestrel finds behind the head.</summary>
    private enum Outcome
    {
        /// <summary>The rest of the stream.</summary>
        Rest,

        /// <summary>Its end.</summary>
        End,

        /// <summary>A canceled read.</summary>
        Canceled,
    }

    /// <summary>The rest is Kestrel's.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (_phase == Phase.Taken) return;
            // While the head is read nothing has been held.
            if (_phase == Phase.Held) _phase = Phase.Released;
            _isReleased = true;
        }

        _outcome.TrySetResult(Outcome.Rest);
    }

    /// <summary>The rest is the caller's, once Kestrel has done with the head: what the client sends in DATA frames.</summary>
    /// <exception cref="IOException">Kestrel has given the stream up.</exception>
    public async ValueTask<PipeReader> TakeAsync()
    {
        await _headRead.Task;
        lock (_lock)
        {
            // Its end came with the head.
            if (_hasEnded) return Create(ReadOnlySequence<byte>.Empty);
            if (_phase != Phase.Held || _outcome.Task.IsCompleted) throw new IOException("The client's stream has ended.");
            _phase = Phase.Taken;
            return new FrameInput(input, breakConnection, () => _outcome.TrySetResult(Outcome.End));
        }
    }

    /// <summary>Nothing is read any more: Kestrel is told why, if it waits for what follows.</summary>
    public void Fail(Exception reason)
    {
        // Nobody need look at it.
        if (_outcome.TrySetException(reason)) _ = _outcome.Task.Exception;
        _headRead.TrySetResult();
    }

    /// <summary>Both directions have ended: Kestrel finds the end, or what broke it.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_phase == Phase.Taken) return;
        }

        Release();
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_phase == Phase.Released) return input.TryRead(out result);
        if (_phase == Phase.Head && input.TryRead(out result))
        {
            result = Show(result);
            return true;
        }

        result = default;
        return false;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => _phase switch
    {
        Phase.Released => input.ReadAsync(cancellationToken),
        Phase.Head => ReadHeadAsync(cancellationToken),
        _ => WaitAsync(cancellationToken),
    };

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // There was nothing behind the head.
        if (consumed.GetObject() is null) return;
        var isHeadRead = _phase == Phase.Head && HasPassedHead(_shown.Slice(0, consumed));
        _shown = default;
        input.AdvanceTo(consumed, examined);
        if (!isHeadRead) return;
        lock (_lock) _phase = _isReleased ? Phase.Released : Phase.Held;
        _headRead.TrySetResult();
    }

    public override void CancelPendingRead()
    {
        if (_phase is Phase.Head or Phase.Released) input.CancelPendingRead();
        _outcome.TrySetResult(Outcome.Canceled);
    }

    /// <summary>What a tunnel has taken is its own until the stream is disposed.</summary>
    public override void Complete(Exception? exception = null)
    {
        _headRead.TrySetResult();
        lock (_lock)
        {
            if (_phase == Phase.Taken) return;
            _isReleased = true;
            if (_phase == Phase.Held && !_hasEnded) _phase = Phase.Released;
        }

        input.Complete(exception);
    }

    private async ValueTask<ReadResult> ReadHeadAsync(CancellationToken cancellationToken) => Show(await input.ReadAsync(cancellationToken));

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        var outcome = await _outcome.Task.WaitAsync(cancellationToken);
        return outcome == Outcome.Rest ? await input.ReadAsync(cancellationToken) : new ReadResult(default, isCanceled: outcome == Outcome.Canceled, isCompleted: outcome == Outcome.End);
    }

    /// <summary>Hides what lies behind the head.</summary>
    private ReadResult Show(in ReadResult read)
    {
        _shown = read.Buffer;
        var (rest, left, isHead) = (read.Buffer, _left, _isHead);
        while (TryStep(ref rest, ref left, ref isHead))
        {
            if (left > (ulong)maxFrame) throw Refuse();
            if (!isHead || left > 0) continue;
            _shown = read.Buffer.Slice(0, rest.Start);
            break;
        }

        _hasEnded = read.IsCompleted && rest.IsEmpty;
        return new ReadResult(_shown, read.IsCanceled, read.IsCompleted && _shown.Length == read.Buffer.Length);
    }

    private ConnectionAbortedException Refuse()
    {
        refuse(ExcessiveLoad);
        return new ConnectionAbortedException("A frame before the head of a request is too long.");
    }

    private bool HasPassedHead(ReadOnlySequence<byte> consumed)
    {
        while (TryStep(ref consumed, ref _left, ref _isHead))
            if (_isHead && _left == 0) return true;
        return false;
    }

    /// <summary>Goes on to the end of a frame's header, or of what there is of its payload; false when there is no more.</summary>
    private static bool TryStep(ref ReadOnlySequence<byte> rest, ref ulong left, ref bool isHead)
    {
        if (left == 0)
        {
            if (!Frame.TryReadHeader(ref rest, out var type, out left)) return false;
            isHead = type == Frame.Headers;
            return true;
        }

        if (rest.IsEmpty) return false;
        var part = Math.Min((ulong)rest.Length, left);
        left -= part;
        rest = rest.Slice((long)part);
        return true;
    }
}
