using System.Net.Sockets;

namespace Tunneling.Native;

/// <summary>Error numbers of Linux that somebody asks about; any other is just an error.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int NoDevice = 19;
    public const int Invalid = 22;
    public const int SystemFileLimit = 23;
    public const int FileLimit = 24;
    public const int BrokenPipe = 32;
    public const int NotImplemented = 38;
    public const int Protocol = 71;
    public const int FamilyNotSupported = 97;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
    public const int NetworkDown = 100;
    public const int NetworkUnreachable = 101;
    public const int Aborted = 103;
    public const int Reset = 104;
    public const int NoBuffers = 105;
    public const int NotConnected = 107;
    public const int TimedOut = 110;
    public const int Refused = 111;
    public const int HostDown = 112;
    public const int HostUnreachable = 113;
    public const int InProgress = 115;

    /// <summary>No descriptor or memory left: an error of this moment, not of the socket.</summary>
    public static bool IsExhaustion(int error) => error is SystemFileLimit or FileLimit or NoMemory or NoBuffers;

    /// <summary>The same error as .NET names it.</summary>
    public static SocketError ToSocketError(int error) => error switch
    {
        0 => SocketError.Success,
        NotPermitted or AccessDenied => SocketError.AccessDenied,
        WouldBlock => SocketError.WouldBlock,
        SystemFileLimit or FileLimit => SocketError.TooManyOpenSockets,
        NoMemory or NoBuffers => SocketError.NoBufferSpaceAvailable,
        BrokenPipe => SocketError.Shutdown,
        FamilyNotSupported => SocketError.AddressFamilyNotSupported,
        AddressInUse => SocketError.AddressAlreadyInUse,
        AddressNotAvailable or NoDevice => SocketError.AddressNotAvailable,
        NetworkDown => SocketError.NetworkDown,
        NetworkUnreachable => SocketError.NetworkUnreachable,
        Aborted => SocketError.ConnectionAborted,
        Reset => SocketError.ConnectionReset,
        NotConnected => SocketError.NotConnected,
        TimedOut => SocketError.TimedOut,
        Refused => SocketError.ConnectionRefused,
        HostDown => SocketError.HostDown,
        HostUnreachable => SocketError.HostUnreachable,
        Invalid => SocketError.InvalidArgument,
        _ => SocketError.SocketError,
    };
}
