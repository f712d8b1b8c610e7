using System.Net;

namespace MsQuic.Native;

/// <summary>QUIC_PARAM_*.</summary>
internal static unsafe class Parameters
{
    public const uint ListenerLocalAddress = 0x04000000;
    public const uint ConnectionLocalAddress = 0x05000001;
    public const uint ConnectionRemoteAddress = 0x05000002;
    public const uint ConnectionStatistics = 0x05000016;

    /// <summary>Of a stream that has one, inside a callback.</summary>
    public static long StreamId(nint stream)
    {
        long id;
        var length = (uint)sizeof(long);
        // QUIC_PARAM_STREAM_ID.
        return Status.Failed(Library.Api.GetParam(stream, 0x08000000, &length, &id)) ? -1 : id;
    }

    /// <summary>Null when it is not known yet or any more.</summary>
    public static IPEndPoint? Address(QuicHandle handle, uint parameter)
    {
        if (!Held.TryHold(handle, out var held)) return null;
        using (held)
        {
            var address = stackalloc byte[SocketAddresses.Length];
            var length = (uint)SocketAddresses.Length;
            return Status.Failed(Library.Api.GetParam(held.Native, parameter, &length, address)) ? null : SocketAddresses.Read(address);
        }
    }

    /// <summary>The smoothed round trip, microseconds; 0 when it is not known.</summary>
    public static uint RoundTrip(QuicHandle handle) => Statistics(handle).RoundTrip;

    /// <summary>Whether the handshake went by Retry.</summary>
    public static bool IsRetried(QuicHandle handle) => (Statistics(handle).Flags & 2) != 0;

    /// <summary>Has every client show by Retry that it is at its address, for all listeners of the process.</summary>
    public static void RequireRetry()
    {
        // QUIC_PARAM_GLOBAL_RETRY_MEMORY_PERCENT, in 65,536ths: of this share on what handshakes take, the server asks.
        ushort share = 0;
        Status.ThrowIfFailed(Library.Api.SetParam(0, 0x01000000, sizeof(ushort), &share), "Retry is not to be had");
    }

    /// <summary>Whether the peer takes datagrams; once its transport parameters are known. Inside a callback.</summary>
    public static bool CanSendDatagrams(QuicHandle connection)
    {
        if (!Held.TryHold(connection, out var held)) return false;
        using (held)
        {
            byte enabled;
            var length = 1u;
            // QUIC_PARAM_CONN_DATAGRAM_SEND_ENABLED.
            return !Status.Failed(Library.Api.GetParam(held.Native, 0x0500000E, &length, &enabled)) && enabled != 0;
        }
    }

    private static (uint Flags, uint RoundTrip) Statistics(QuicHandle handle)
    {
        if (!Held.TryHold(handle, out var held)) return default;
        using (held)
        {
            // QUIC_STATISTICS_V2 of any version: a number, flags, then the round trip.
            var statistics = stackalloc byte[1024];
            var length = 1024u;
            return Status.Failed(Library.Api.GetParam(held.Native, ConnectionStatistics, &length, statistics)) ? default : (*(uint*)(statistics + 8), *(uint*)(statistics + 12));
        }
    }

    /// <summary>Sends the connection's streams in turn rather than one after another.</summary>
    public static void ScheduleRoundRobin(QuicHandle handle)
    {
        if (!Held.TryHold(handle, out var held)) return;
        var scheme = 1;
        // QUIC_PARAM_CONN_STREAM_SCHEDULING_SCHEME. A matter of order: where it is refused the streams still go out.
        using (held) _ = Library.Api.SetParam(held.Native, 0x0500000C, sizeof(int), &scheme);
    }
}

/// <summary>QUIC_ADDR, which is a sockaddr of Linux.</summary>
internal static unsafe class SocketAddresses
{
    /// <summary>Of sockaddr_in6, the larger.</summary>
    public const int Length = 28;

    private const ushort Internet = 2, Internet6 = 10;

    public static IPEndPoint? Read(byte* address)
    {
        var port = (address[2] << 8) | address[3];
        return *(ushort*)address switch
        {
            Internet => new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(address + 4, 4)), port),
            Internet6 => new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(address + 8, 16), *(uint*)(address + 24)), port),
            _ => null,
        };
    }

    public static byte[] Write(IPEndPoint endPoint)
    {
        var bytes = new byte[Length];
        var isInternet6 = endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        BitConverter.TryWriteBytes(bytes, isInternet6 ? Internet6 : Internet);
        bytes[2] = (byte)(endPoint.Port >> 8);
        bytes[3] = (byte)endPoint.Port;
        endPoint.Address.TryWriteBytes(bytes.AsSpan(isInternet6 ? 8 : 4), out _);
        if (isInternet6) BitConverter.TryWriteBytes(bytes.AsSpan(24), (uint)endPoint.Address.ScopeId);
        return bytes;
    }
}
