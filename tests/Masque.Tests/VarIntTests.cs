using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Masque.Tests;

public sealed class VarIntTests
{
    private static readonly Gen<ulong> _values =
        from bits in Gen.Choose(0, 62)
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select (((ulong)high << 31) | (uint)low) & ((1UL << bits) - 1);

    [Theory]
    // RFC 9000, appendix A.1.
    [InlineData("c2197c5eff14e88c", 151_288_809_941_952_652UL)]
    [InlineData("9d7f3e7d", 494_878_333UL)]
    [InlineData("7bbd", 15_293UL)]
    [InlineData("25", 37UL)]
    public void The_vectors_of_the_rfc_are_read_and_written(string hex, ulong value)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.True(VarInt.TryRead(bytes, out var read, out var length));
        Assert.Equal(value, read);
        Assert.Equal(bytes.Length, length);
        var written = new byte[bytes.Length];
        Assert.Equal(bytes.Length, VarInt.Write(written, value));
        Assert.Equal(bytes, written);
    }

    [Fact]
    public void A_value_in_more_bytes_than_it_needs_is_read_too()
    {
        Assert.True(VarInt.TryRead([0x40, 0x25], out var value, out var length));
        Assert.Equal(37UL, value);
        Assert.Equal(2, length);
    }

    [Theory]
    [InlineData(63UL, 1)]
    [InlineData(64UL, 2)]
    [InlineData(16_383UL, 2)]
    [InlineData(16_384UL, 4)]
    [InlineData((1UL << 30) - 1, 4)]
    [InlineData(1UL << 30, 8)]
    [InlineData(VarInt.MaxValue, 8)]
    public void The_length_changes_where_the_rfc_says(ulong value, int length) => Assert.Equal(length, VarInt.GetLength(value));

    [Fact]
    public void Values_over_62_bits_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => VarInt.GetLength(VarInt.MaxValue + 1));

    [Property]
    public Property Every_value_is_read_back_from_every_length_it_fits() => Prop.ForAll(_values.ToArbitrary(), static value =>
    {
        for (var length = VarInt.GetLength(value); length <= VarInt.MaxLength; length *= 2)
        {
            var bytes = new byte[length];
            VarInt.Write(bytes, value, length);
            if (!VarInt.TryRead(bytes, out var read, out var taken) || read != value || taken != length) return false;
        }

        return true;
    });

    [Property]
    public Property No_prefix_of_a_value_is_a_value() => Prop.ForAll(_values.ToArbitrary(), static value =>
    {
        var bytes = new byte[VarInt.MaxLength];
        var length = VarInt.Write(bytes, value);
        for (var cut = 0; cut < length; cut++)
        {
            var sequence = new ReadOnlySequence<byte>(bytes, 0, cut);
            if (VarInt.TryRead(bytes.AsSpan(0, cut), out _, out _) || VarInt.TryRead(ref sequence, out _) || sequence.Length != cut) return false;
        }

        return true;
    });

    [Property]
    public Property A_value_split_over_segments_is_read() => Prop.ForAll(_values.ToArbitrary(), static value =>
    {
        var bytes = new byte[VarInt.MaxLength];
        var length = VarInt.Write(bytes, value);
        var sequence = Segments.Of([.. bytes.AsSpan(0, length), 0xee], size: 1);
        return VarInt.TryRead(ref sequence, out var read) && read == value && sequence.Length == 1 && sequence.FirstSpan[0] == 0xee;
    });
}
