using System.Net.Sockets;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>Socket errors in the terms of RFC 9209, section 2.3.</summary>
internal static class DialErrors
{
    public static ProxyStatusError OfConnect(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => ProxyStatusError.ConnectionRefused,
        SocketError.ConnectionReset or SocketError.ConnectionAborted => ProxyStatusError.ConnectionTerminated,
        SocketError.TimedOut or SocketError.OperationAborted => ProxyStatusError.ConnectionTimeout,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown
            or SocketError.AddressFamilyNotSupported or SocketError.AccessDenied => ProxyStatusError.DestinationIpUnroutable,

        // No local port left for this destination, or no descriptor or buffer: our limits.
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse
            or SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => ProxyStatusError.ConnectionLimitReached,
        _ => ProxyStatusError.DestinationUnavailable,
    };

    /// <summary>Binding fails for a pool address this machine does not have, or one whose ports are all taken.</summary>
    public static ProxyStatusError OfBind(SocketError error) => error == SocketError.AddressAlreadyInUse
        ? ProxyStatusError.ConnectionLimitReached
        : ProxyStatusError.ProxyConfigurationError;

    /// <summary>Of two failed attempts, the error that says more about the destination: an answer of it before silence before no way.</summary>
    public static ProxyStatusError MoreTelling(ProxyStatusError one, ProxyStatusError other) => Rank(other) < Rank(one) ? other : one;

    private static int Rank(ProxyStatusError error) => error switch
    {
        ProxyStatusError.ConnectionRefused => 0,
        ProxyStatusError.ConnectionTerminated => 1,
        ProxyStatusError.ConnectionTimeout => 2,
        ProxyStatusError.ConnectionLimitReached => 3,
        ProxyStatusError.ProxyConfigurationError => 4,
        ProxyStatusError.DestinationUnavailable => 5,
        ProxyStatusError.DestinationIpUnroutable => 6,
        ProxyStatusError.None => int.MaxValue,
        _ => 7,
    };
}
