using System.IO.Pipelines;

namespace PrivacyProxy.Testing.Http3.Transport;

internal sealed record MemoryDuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
