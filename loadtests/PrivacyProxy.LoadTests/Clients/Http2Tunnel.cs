using System.IO.Pipelines;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>A stream of a <see cref="Http2Connection"/>.</summary>
internal sealed class Http2Tunnel
{
    // What reads goes on where the bytes came from: a hop to another thread for each would be the load's, not the proxy's.
    private static readonly PipeOptions _received = new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Http2Connection _connection;
    private readonly TaskCompletionSource<int> _answer = new();
    private readonly Pipe _pipe = new(_received);
    private int _taken;

    public Http2Tunnel(Http2Connection connection, int id, long sendWindow) => (_connection, Id, SendWindow) = (connection, id, sendWindow);

    public int Id { get; }

    /// <summary>Bytes that the proxy takes of it; the connection's lock is held where it changes.</summary>
    public long SendWindow { get; set; }

    /// <summary>The status.</summary>
    public Task<int> Answer => _answer.Task;

    public bool IsSent { get; set; }

    public bool IsReceived { get; private set; }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await _pipe.Reader.ReadAsync(cancellationToken);
        var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
        var part = result.Buffer.Slice(0, count);
        System.Buffers.BuffersExtensions.CopyTo(part, buffer.Span);
        _pipe.Reader.AdvanceTo(part.End);
        _taken += count;
        if (_taken >= Http2Connection.StreamWindow / 4 && !IsReceived)
        {
            _connection.GiveBack(Id, _taken);
            _taken = 0;
        }

        return count;
    }

    public void Answered(int status) => _answer.TrySetResult(status);

    public async ValueTask ReceiveAsync(ReadOnlyMemory<byte> bytes) => await _pipe.Writer.WriteAsync(bytes, CancellationToken.None);

    public void ReceiveEnd()
    {
        IsReceived = true;
        _pipe.Writer.Complete();
    }

    public void Fail(IOException reason)
    {
        IsReceived = IsSent = true;
        if (!_answer.TrySetException(reason)) _pipe.Writer.Complete(reason);
        // Nobody need wait for it.
        else _ = _answer.Task.Exception;
    }
}
