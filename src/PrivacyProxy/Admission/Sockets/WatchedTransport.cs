using System.IO.Pipelines;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>
/// A socket's two pipes. While the connection is a stranger's, what it sends is counted, and it is not read as long as it does not read itself:
/// so it cannot pile up answers. Once it is known, everything passes through.
/// </summary>
internal sealed class WatchedTransport : IDuplexPipe
{
    private readonly WatchedReader _input;

    public WatchedTransport(IDuplexPipe inner, WatchedPlace place, ConnectionRegistry registry)
    {
        _input = new WatchedReader(inner.Input, place, registry);
        Output = new WatchedWriter(inner.Output, place, _input);
        place.Changed += _input.Resume;
    }

    public PipeReader Input => _input;

    public PipeWriter Output { get; }
}
