using System.IO.Pipelines;

namespace PrivacyProxy.Tests.Http3.Transport;

internal sealed record MemoryDuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
