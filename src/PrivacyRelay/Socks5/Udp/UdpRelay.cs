using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using PrivacyRelay.Configuration;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5.Udp;

/// <summary>All associations of a relay: what they share, and how many there may be.</summary>
internal sealed partial class UdpRelay(RelayOptions options, IDatagramDialer dialer, TimeProvider time, ILogger<UdpRelay> logger)
{
    private int _associations;

    public IDatagramDialer Dialer { get; } = dialer;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    /// <summary>Destinations of one association at a time.</summary>
    public int MaxDestinations { get; } = options.MaxUdpDestinations;

    /// <summary>A destination to and from which nothing goes for so long is closed.</summary>
    public TimeSpan IdleTimeout { get; } = options.UdpIdleTimeout;

    /// <summary>An association for the client of a TCP connection; null when there are too many, or no socket is to be had.</summary>
    /// <param name="control">The connection, whose address at this end the socket gets.</param>
    /// <param name="announced">Where the client says it will send from.</param>
    public UdpAssociation? TryOpen(Socket control, IPEndPoint announced)
    {
        if (Interlocked.Increment(ref _associations) > options.MaxUdpAssociations)
        {
            Release();
            LogTooMany();
            return null;
        }

        try
        {
            // The association lives as long as the connection, so a client that vanished must be noticed.
            control.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var filter = new UdpClientFilter(((IPEndPoint)control.RemoteEndPoint!).Address, announced);
            return new UdpAssociation(new UdpLink(((IPEndPoint)control.LocalEndPoint!).Address, filter), this);
        }
        catch (SocketException e)
        {
            Release();
            LogNoSocket(e.SocketErrorCode);
            return null;
        }
    }

    /// <summary>An association has ended.</summary>
    public void Release() => Interlocked.Decrement(ref _associations);

    [LoggerMessage(EventId = 3121, Level = LogLevel.Warning, Message = "A UDP association was refused: there are as many as PrivacyRelay:MaxUdpAssociations allows")]
    private partial void LogTooMany();

    [LoggerMessage(EventId = 3122, Level = LogLevel.Warning, Message = "A UDP association got no socket: {Error}")]
    private partial void LogNoSocket(SocketError error);
}
