using System.Buffers;
using Masque.Udp;

namespace Masque.Tests.Udp;

public sealed class UdpDatagramTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(16_382)]
    [InlineData(16_383)]
    [InlineData(UdpDatagram.MaxPayloadLength)]
    public void A_payload_written_is_read_back(int length)
    {
        var bytes = new byte[UdpDatagram.MaxHeaderLength + length];
        var header = UdpDatagram.WriteHeader(bytes, length);
        var buffer = new ReadOnlySequence<byte>(bytes, 0, header + length);
        var reader = new CapsuleReader();
        Assert.True(reader.TryReadHeader(ref buffer));
        Assert.Equal(CapsuleType.Datagram, reader.Type);
        Assert.True(reader.TryTakeWholeValue(ref buffer, out var datagram));
        Assert.Equal(UdpDatagramKind.Payload, UdpDatagram.Read(datagram, out var payload));
        Assert.Equal(length, payload.Length);
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void One_byte_over_65527_is_too_long() =>
        Assert.Equal(UdpDatagramKind.TooLong, UdpDatagram.Read(new ReadOnlySequence<byte>(new byte[1 + UdpDatagram.MaxPayloadLength + 1]), out _));

    [Fact]
    public void A_payload_of_65527_behind_the_longest_context_0_is_not() =>
        Assert.Equal(UdpDatagramKind.Payload, UdpDatagram.Read(new ReadOnlySequence<byte>([0xc0, .. new byte[7 + UdpDatagram.MaxPayloadLength]]), out _));

    [Theory]
    [InlineData("")]
    [InlineData("40")]
    [InlineData("c0000000000000")]
    public void A_datagram_that_ends_within_its_context_id_is_malformed(string hex) =>
        Assert.Equal(UdpDatagramKind.Malformed, UdpDatagram.Read(new ReadOnlySequence<byte>(Convert.FromHexString(hex)), out _));

    [Theory]
    [InlineData("01aa")]
    [InlineData("02")]
    [InlineData("ffffffffffffffffaa")]
    public void Odd_and_even_contexts_that_nobody_registered_are_told_apart_from_context_0(string hex) =>
        Assert.Equal(UdpDatagramKind.UnknownContext, UdpDatagram.Read(new ReadOnlySequence<byte>(Convert.FromHexString(hex)), out _));

    [Fact]
    public void A_payload_over_65527_is_not_written() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => UdpDatagram.WriteHeader(new byte[16], UdpDatagram.MaxPayloadLength + 1));
}
