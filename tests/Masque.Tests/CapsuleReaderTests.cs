using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Masque.Tests;

public sealed class CapsuleReaderTests
{
    private static readonly Gen<(ulong Type, byte[] Value)[]> _streams =
        (from type in Gen.Elements(CapsuleType.Datagram, CapsuleType.Data, CapsuleType.FinalData, 0x17UL, VarInt.MaxValue)
         from length in Gen.OneOf(Gen.Choose(0, 70), Gen.Choose(16_380, 16_390))
         from filling in Gen.Choose(0, 255)
         select (type, Enumerable.Repeat((byte)filling, length).ToArray())).ArrayOf(4);

    [Property]
    public Property Whatever_was_written_is_read_back_however_it_is_cut() => Prop.ForAll(
        _streams.ToArbitrary(), Gen.Choose(1, 4000).ToArbitrary(), static (capsules, step) =>
        {
            var read = ReadAll(Write(capsules), step, out var isInCapsule, out var left);
            return !isInCapsule && left == 0 && read.Count == capsules.Length
                && read.Zip(capsules).All(static pair => pair.First.Type == pair.Second.Type && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value));
        });

    [Property]
    public Property A_truncated_last_capsule_shows() => Prop.ForAll(
        _streams.ToArbitrary(), Gen.Choose(1, 4000).ToArbitrary(), static (capsules, cut) =>
        {
            if (capsules.Length == 0) return true;
            var bytes = Write(capsules);
            var last = CapsuleWriter.GetHeaderLength(capsules[^1].Type, (ulong)capsules[^1].Value.Length) + capsules[^1].Value.Length;
            var kept = bytes[..^(1 + (cut % last))];
            // Cut off whole, nothing is truncated.
            if (1 + (cut % last) == last) return true;
            ReadAll(kept, bytes.Length, out var isInCapsule, out var left);
            return isInCapsule || left > 0;
        });

    [Fact]
    public void An_empty_capsule_is_reported_before_the_next()
    {
        var buffer = new ReadOnlySequence<byte>([0x17, 0x00, 0x00, 0x01, 0xaa]);
        var reader = new CapsuleReader();
        Assert.True(reader.TryReadHeader(ref buffer));
        Assert.True(reader.IsInCapsule);
        Assert.True(reader.TakeValue(ref buffer).IsEmpty);
        Assert.False(reader.IsInCapsule);
        Assert.True(reader.TryReadHeader(ref buffer));
        Assert.Equal(CapsuleType.Datagram, reader.Type);
    }

    [Fact]
    public void A_length_of_2_to_the_62_less_1_is_no_reason_to_hold_bytes()
    {
        var buffer = new ReadOnlySequence<byte>([0x17, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
        var reader = new CapsuleReader();
        Assert.True(reader.TryReadHeader(ref buffer));
        Assert.Equal(3, reader.TakeValue(ref buffer).Length);
        Assert.Equal(VarInt.MaxValue - 3, reader.Remaining);
        Assert.True(reader.IsInCapsule);
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void A_value_is_taken_whole_only_when_it_is()
    {
        var reader = new CapsuleReader();
        var buffer = new ReadOnlySequence<byte>([0x00, 0x03, 1, 2]);
        Assert.True(reader.TryReadHeader(ref buffer));
        Assert.False(reader.TryTakeWholeValue(ref buffer, out _));
        Assert.Equal(2, buffer.Length);
        buffer = new ReadOnlySequence<byte>([1, 2, 3, 4]);
        Assert.True(reader.TryTakeWholeValue(ref buffer, out var value));
        Assert.Equal(3, value.Length);
        Assert.Equal(1, buffer.Length);
    }

    [Fact]
    public void Ten_million_random_strings_are_read_without_an_exception_and_without_losing_count()
    {
        var random = new Random(20261122);
        var bytes = new byte[64];
        for (var round = 0; round < 10_000_000; round++)
        {
            var length = random.Next(1, bytes.Length + 1);
            random.NextBytes(bytes.AsSpan(0, length));
            var buffer = new ReadOnlySequence<byte>(bytes, 0, length);
            var reader = new CapsuleReader();
            long taken = 0;
            while (reader.IsInCapsule || reader.TryReadHeader(ref buffer))
            {
                var value = reader.TakeValue(ref buffer);
                taken += value.Length;
                if (reader.IsInCapsule) break;
            }

            if (taken + buffer.Length > length || (reader.IsInCapsule && !buffer.IsEmpty)) Assert.Fail($"round {round}");
        }
    }

    private static byte[] Write((ulong Type, byte[] Value)[] capsules)
    {
        var stream = new MemoryStream();
        var header = new byte[CapsuleWriter.MaxHeaderLength];
        foreach (var (type, value) in capsules)
        {
            stream.Write(header, 0, CapsuleWriter.WriteHeader(header, type, (ulong)value.Length));
            stream.Write(value);
        }

        return stream.ToArray();
    }

    /// <summary>Feeds the reader so many bytes at a time, as a pipe does: what was not taken comes again.</summary>
    private static List<(ulong Type, byte[] Value)> ReadAll(byte[] bytes, int step, out bool isInCapsule, out long left)
    {
        var capsules = new List<(ulong, byte[])>();
        var reader = new CapsuleReader();
        var value = new MemoryStream();
        var consumed = 0;
        for (var fed = 0; fed < bytes.Length;)
        {
            fed = Math.Min(fed + step, bytes.Length);
            var buffer = Segments.Of(bytes[consumed..fed], size: 7);
            while (reader.IsInCapsule || reader.TryReadHeader(ref buffer))
            {
                value.Write(reader.TakeValue(ref buffer).ToArray());
                if (reader.IsInCapsule) break;
                capsules.Add((reader.Type, value.ToArray()));
                value.SetLength(0);
            }

            consumed = fed - (int)buffer.Length;
        }

        isInCapsule = reader.IsInCapsule;
        left = bytes.Length - consumed;
        return capsules;
    }
}
