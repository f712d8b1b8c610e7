using System.Buffers;
using System.Threading.Channels;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>The proxy's end of a UDP tunnel, in the hands of a test.</summary>
internal sealed class FakeDatagramTunnel(string authority) : IDatagramTunnel
{
    private readonly List<byte[]> _written = [];
    private readonly Channel<byte[]> _sent = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<byte[]> _answers = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Authority { get; } = authority;

    /// <summary>What each write waits for: a proxy that takes no more.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public long Dropped { get; set; }

    /// <summary>Completes when the relay closes the tunnel.</summary>
    public Task Closed => _closed.Task.WaitAsync(TestRelay.Patience);

    /// <summary>The next datagram that the relay sent.</summary>
    public Task<byte[]> SentAsync() => _sent.Reader.ReadAsync().AsTask().WaitAsync(TestRelay.Patience);

    /// <summary>A datagram from the destination.</summary>
    public void Answer(byte[] payload) => _answers.Writer.TryWrite(payload);

    /// <summary>The proxy ends the tunnel, or breaks it.</summary>
    public void End(IOException? error = null) => _answers.Writer.Complete(error);

    public void Write(ReadOnlySpan<byte> payload) => _written.Add(payload.ToArray());

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        // Before the test sees the write: its next gate is for the next one.
        var gate = Gate;
        foreach (var payload in _written) _sent.Writer.TryWrite(payload);
        _written.Clear();
        await gate.WaitAsync(cancellationToken);
    }

    public async ValueTask<ReadOnlySequence<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await _answers.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_answers.Reader.TryRead(out var payload)) return new ReadOnlySequence<byte>(payload);
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
