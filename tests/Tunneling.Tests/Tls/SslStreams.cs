using System.Net.Security;
using System.Net.Sockets;
using Tunneling.SslStreams;

namespace Tunneling.Tests.Tls;

internal static class SslStreams
{
    /// <summary>The socket below, to end it as TLS would not.</summary>
    public static Socket Socket(this SslStream stream) => ((NetworkStream)((HalfClosingSslStream)stream).Inner).Socket;
}
