using System.IO.Pipelines;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>A stream of which only the output is another.</summary>
internal sealed record OutputPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
