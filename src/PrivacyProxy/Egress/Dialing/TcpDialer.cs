using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>Connects TCP with TCP_NODELAY and keep-alive.</summary>
internal sealed class TcpDialer(IOptions<EgressOptions> options) : IDialer
{
    private const int IpLevel = 0; // SOL_IP
    private const int BindAddressNoPort = 24; // IP_BIND_ADDRESS_NO_PORT
    /// <summary>Between the probes of TCP keep-alive.</summary>
    public const int ProbeIntervalSeconds = 15;

    private int KeepAliveSeconds => (int)options.Value.KeepAliveTime.TotalSeconds;

    public async Task<DialResult> DialAsync(IPEndPoint destination, IPAddress? source, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        var isBound = false;
        try
        {
            socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            SetKeepAlive(socket);
            if (source is not null) Bind(socket, source);
            isBound = true;
            await socket.ConnectAsync(destination, cancellationToken);
            return new DialResult(socket, ProxyStatusError.None);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return new DialResult(null, isBound || socket is null ? DialErrors.OfConnect(e.SocketErrorCode) : DialErrors.OfBind(e.SocketErrorCode));
        }
        catch (OperationCanceledException)
        {
            socket?.Dispose();
            return new DialResult(null, ProxyStatusError.ConnectionTimeout);
        }
    }

    private void SetKeepAlive(Socket socket)
    {
        if (KeepAliveSeconds == 0) return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeIntervalSeconds);
    }

    private static void Bind(Socket socket, IPAddress source)
    {
        // The port is chosen at connect, per destination: else one address is good for 28,000 connections in all.
        if (OperatingSystem.IsLinux()) TrySetBindAddressNoPort(socket);
        socket.Bind(new IPEndPoint(source, 0));
    }

    private static void TrySetBindAddressNoPort(Socket socket)
    {
        try
        {
            socket.SetRawSocketOption(IpLevel, BindAddressNoPort, BitConverter.GetBytes(1));
        }
        catch (SocketException)
        {
            // A kernel (or sandbox) without the option works, with fewer ports.
        }
    }
}
