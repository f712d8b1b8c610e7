using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>A listening socket that hands its connections to the test.</summary>
internal sealed class TestOrigin : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public TestOrigin(int? receiveBufferSize = null)
    {
        if (receiveBufferSize is { } size) _listener.ReceiveBufferSize = size;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(128);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string Authority => $"origin.test:{Port}";

    public Task<Socket> AcceptAsync() => _listener.AcceptAsync().WaitAsync(TestTimes.Limit);

    public void Dispose() => _listener.Dispose();
}
