using System.IO.Pipelines;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Tests.Tunnels;

/// <summary>A client's end over two pipes; the output pipe holds back like flow control.</summary>
internal sealed class PipeTunnelClient : TunnelClient
{
    private readonly Pipe _input = new();
    private readonly Pipe _output;

    public PipeTunnelClient(long window = 1024 * 1024) => _output = new Pipe(new PipeOptions(pauseWriterThreshold: window, resumeWriterThreshold: window / 2));

    /// <summary>What the client sends.</summary>
    public PipeWriter Sender => _input.Writer;

    /// <summary>What the client gets.</summary>
    public PipeReader Receiver => _output.Reader;

    public TaskCompletionSource<string> End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Those beside its stream.</summary>
    public override DatagramFlow? Datagrams => Beside;

    public DatagramFlow? Beside { get; init; }

    /// <summary>Done before bytes are sent to the client.</summary>
    public Action? Sending { get; init; }

    public override PipeReader Input => _input.Reader;

    public override int MaxBufferSize => 64 * 1024;

    public override Memory<byte> GetBuffer(int size) => _output.Writer.GetMemory(size);

    public override async ValueTask<bool> SendAsync(int count)
    {
        Sending?.Invoke();
        _output.Writer.Advance(count);
        return !(await _output.Writer.FlushAsync()).IsCompleted;
    }

    public override void ReleaseBuffer()
    {
    }

    public override async ValueTask CompleteAsync()
    {
        End.TrySetResult("completed");
        await _output.Writer.CompleteAsync();
    }

    public override void Reset() => End.TrySetResult("reset");

    public override void ResetMalformed() => End.TrySetResult("reset as malformed");
}
