using System.Net;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyProxy.Egress.Resolution;

namespace PrivacyProxy.Tests.Egress.Resolution;

public sealed class DnsCodecProperties
{
    [Property(MaxTest = 2000)]
    public Property Random_bytes_are_unrelated_to_any_query()
    {
        var query = Query();
        return Prop.ForAll<byte[]>(bytes => DnsResponse.Parse(bytes, query, exactCase: false).Kind == DnsResponseKind.Unrelated);
    }

    [Property(MaxTest = 2000)]
    public Property Random_records_behind_a_right_header_never_throw()
    {
        var query = Query();
        return Prop.ForAll<byte[], byte, byte>((tail, answers, authorities) =>
        {
            byte[] message = [.. query, .. tail];
            (message[2], message[7], message[9]) = (0x81, answers, authorities);
            return DnsResponse.Parse(message, query, exactCase: false).Kind is DnsResponseKind.Malformed or DnsResponseKind.Answer;
        });
    }

    [Property(MaxTest = 2000)]
    public Property A_good_answer_with_any_byte_changed_or_cut_anywhere_never_throws()
    {
        var (query, message) = GoodAnswer();
        for (var length = 0; length < message.Length; length++) DnsResponse.Parse(message.AsSpan(0, length), query, exactCase: false);
        return Prop.ForAll<int, byte>((index, value) =>
        {
            var changed = message.ToArray();
            changed[(index & int.MaxValue) % changed.Length] = value;
            DnsResponse.Parse(changed, query, exactCase: false);
            return true;
        });
    }

    [Fact]
    public void A_good_answer_cut_short_is_never_taken_for_a_whole_one()
    {
        var (query, message) = GoodAnswer();
        Assert.Equal(["93.184.215.14"], DnsResponse.Parse(message, query, exactCase: true).Addresses.Select(a => a.ToString()));
        for (var length = query.Length; length < message.Length; length++)
            Assert.Equal(DnsResponseKind.Malformed, DnsResponse.Parse(message.AsSpan(0, length), query, exactCase: true).Kind);
    }

    [Property]
    public Property A_name_written_is_read_back_in_lower_case()
    {
        var label = ArbMap.Default.GeneratorFor<int>().Select(i => "aZ09-_bCdEfG".Substring(Math.Abs(i % 6), 1 + Math.Abs(i % 5)));
        var names = label.NonEmptyListOf().Select(labels => string.Join('.', labels.Take(20))).ToArbitrary();
        return Prop.ForAll(names, name =>
        {
            var (wire, read, offset) = (new byte[DnsName.MaxLength], new byte[DnsName.MaxLength], 0);
            return DnsName.TryWrite(name, wire, out var written)
                && DnsName.TryRead(wire.AsSpan(0, written), ref offset, read, out var length)
                && offset == written
                && read.AsSpan(0, length).SequenceEqual(DnsTestReply.Name(name.ToLowerInvariant()));
        });
    }

    [Theory]
    [InlineData(new byte[] { 0xc0, 0x00 })] // itself
    [InlineData(new byte[] { 0xc0, 0x02, 0xc0, 0x00 })] // forwards
    [InlineData(new byte[] { 0x01, 0x61, 0xc0, 0x00 })] // back to its own start
    [InlineData(new byte[] { 0x05, 0x61 })] // cut
    [InlineData(new byte[] { 0x40, 0x61, 0x00 })] // reserved label type
    [InlineData(new byte[] { 0xc0 })]
    [InlineData(new byte[] { })]
    public void A_name_that_loops_or_is_cut_is_refused(byte[] wire)
    {
        var offset = 0;
        Assert.False(DnsName.TryRead(wire, ref offset, new byte[DnsName.MaxLength], out _));
    }

    [Fact]
    public void A_name_of_255_bytes_fits_and_a_longer_one_does_not()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 3)) + "." + new string('a', 61);
        Assert.True(DnsName.TryWrite(longest, new byte[DnsName.MaxLength], out var length));
        Assert.Equal(DnsName.MaxLength, length);
        Assert.False(DnsName.TryWrite(longest + "a", new byte[DnsName.MaxLength], out _));
        var offset = 0;
        Assert.False(DnsName.TryRead(DnsTestReply.Name(longest + "a"), ref offset, new byte[DnsName.MaxLength], out _));
    }

    private static byte[] Query()
    {
        var query = new byte[DnsQuery.MaxLength];
        Assert.True(DnsQuery.TryWrite("www.example.org", DnsRecordType.A, randomizeCase: false, query, out var length));
        return query[..length];
    }

    private static (byte[] Query, byte[] Message) GoodAnswer()
    {
        var query = Query();
        var question = DnsTestQuestion.Read(query, isTcp: false, new IPEndPoint(IPAddress.Loopback, 1));
        byte[] pointer = [0xc0, 12];
        return (query, DnsTestReply.To(question)
            .Record(7, pointer, 5, 60, DnsTestReply.Name("edge.example"))
            .Address("edge.example", "93.184.215.14")
            .ToArray());
    }
}
