using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>An address as the kernel writes it (sockaddr_in, sockaddr_in6), turned into .NET's only where somebody asks.</summary>
internal struct SocketAddress
{
    public const int MaxLength = 28;
    private const int InetLength = 16;

    private Bytes _bytes;

    public readonly bool IsEmpty => Family == 0;

    /// <summary>How much of it the kernel wants to read.</summary>
    public readonly int Length => Family == Libc.AddressFamilyInet ? InetLength : MaxLength;

    /// <summary>AF_INET or AF_INET6.</summary>
    public readonly int Family => MemoryMarshal.Read<ushort>(Span());

    public readonly int Port => BinaryPrimitives.ReadUInt16BigEndian(Span()[2..]);

    public static SocketAddress From(IPEndPoint endPoint) => From(endPoint.Address, endPoint.Port);

    public static SocketAddress From(IPAddress address, int port)
    {
        var result = default(SocketAddress);
        var bytes = result.Raw;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        {
            MemoryMarshal.Write(bytes, (ushort)Libc.AddressFamilyInet);
            address.TryWriteBytes(bytes[4..], out _);
            return result;
        }

        MemoryMarshal.Write(bytes, (ushort)Libc.AddressFamilyInet6);
        address.TryWriteBytes(bytes[8..], out _);
        MemoryMarshal.Write(bytes[24..], (uint)address.ScopeId);
        return result;
    }

    /// <summary>The bytes, for the kernel to read or write.</summary>
    [UnscopedRef]
    public Span<byte> Raw => MemoryMarshal.CreateSpan(ref Unsafe.As<Bytes, byte>(ref _bytes), MaxLength);

    /// <summary>The address; IPv4 in IPv6 becomes IPv4. Null when there is none.</summary>
    public readonly IPAddress? ToAddress() => Family switch
    {
        Libc.AddressFamilyInet => new IPAddress(Span().Slice(4, 4)),
        Libc.AddressFamilyInet6 => ToInet6(),
        _ => null,
    };

    public readonly IPEndPoint? ToEndPoint() => ToAddress() is { } address ? new IPEndPoint(address, Port) : null;

    private readonly IPAddress ToInet6()
    {
        var address = new IPAddress(Span().Slice(8, 16), MemoryMarshal.Read<uint>(Span()[24..]));
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Span() => MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<Bytes, byte>(ref Unsafe.AsRef(in _bytes)), MaxLength);

    [InlineArray(MaxLength)]
    private struct Bytes
    {
        private byte _first;
    }
}
