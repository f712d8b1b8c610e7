using System.IO.Pipelines;

namespace PrivacyProxy.Listeners.Http3;

/// <summary>A stream of which only the output is another.</summary>
internal sealed class ControlStreamPipe(IDuplexPipe stream) : IDuplexPipe
{
    public PipeReader Input => stream.Input;

    public PipeWriter Output { get; } = new ControlStreamWriter(stream.Output);
}
