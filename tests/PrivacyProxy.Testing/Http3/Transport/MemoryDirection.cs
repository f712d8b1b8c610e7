using System.Buffers;
using System.IO.Pipelines;
using PrivacyProxy.Listeners.Templated;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>One direction of a stream: bytes up to a window, then its end, a reset by the writer or a stop by the reader.</summary>
internal sealed class MemoryDirection
{
    /// <summary>What the writer may be ahead, bytes.</summary>
    private const int Window = 64 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: Window, resumeWriterThreshold: Window / 2, useSynchronizationContext: false));
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<long> _reset = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosedForWriting;

    /// <summary>The code of RESET_STREAM, once there was one.</summary>
    public Task<long> ResetCode => _reset.Task;

    /// <summary>The code of STOP_SENDING, once there was one.</summary>
    public Task<long> StopCode => _stopped.Task;

    /// <summary>Done when it has ended in any way.</summary>
    public Task Ended => Task.WhenAny(_reset.Task, _stopped.Task, _completed.Task);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            ThrowIfStopped();
            if (_isClosedForWriting) throw new InvalidOperationException("Ended already.");
            _pipe.Writer.Write(bytes.Span);
            flush = _pipe.Writer.FlushAsync();
        }

        await flush;
        lock (_gate) ThrowIfStopped();
    }

    /// <summary>0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        if (_stopped.Task.IsCompleted) throw new StreamAbortedException(_stopped.Task.Result);
        var result = await _pipe.Reader.ReadAsync();
        if (_stopped.Task.IsCompleted) throw new StreamAbortedException(_stopped.Task.Result);
        var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
        var part = result.Buffer.Slice(0, count);
        part.CopyTo(buffer.Span);
        _pipe.Reader.AdvanceTo(part.End);
        return count;
    }

    public void CompleteWrites()
    {
        lock (_gate)
        {
            if (_isClosedForWriting) return;
            _isClosedForWriting = true;
            _completed.TrySetResult();
            _pipe.Writer.Complete();
        }
    }

    public void Reset(long code)
    {
        lock (_gate)
        {
            if (_isClosedForWriting) return;
            _isClosedForWriting = true;
            _reset.TrySetResult(code);
            _pipe.Writer.CancelPendingFlush();
            _pipe.Writer.Complete(new StreamAbortedException(code));
        }
    }

    /// <summary>Nothing more is read; the writer learns of it.</summary>
    public void Stop(long code)
    {
        lock (_gate)
        {
            if (!_stopped.TrySetResult(code)) return;
            _pipe.Reader.CancelPendingRead();
            _pipe.Writer.CancelPendingFlush();
        }
    }

    private void ThrowIfStopped()
    {
        if (_stopped.Task.IsCompleted) throw new StreamAbortedException(_stopped.Task.Result);
        if (_reset.Task.IsCompleted) throw new StreamAbortedException(_reset.Task.Result);
    }
}
