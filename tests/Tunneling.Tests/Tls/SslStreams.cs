using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;

namespace Tunneling.Tests.Tls;

internal static class SslStreams
{
    private static readonly PropertyInfo _inner = typeof(AuthenticatedStream).GetProperty("InnerStream", BindingFlags.NonPublic | BindingFlags.Instance)!;

    /// <summary>The socket below, to end it as TLS would not.</summary>
    public static Socket Socket(this SslStream stream) => ((NetworkStream)_inner.GetValue(stream)!).Socket;
}
