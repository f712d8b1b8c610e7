using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace PrivacyProxy.Tests.Egress.Resolution;

/// <summary>Builds a response; every part of it can be made wrong.</summary>
internal sealed class DnsTestReply
{
    private readonly List<byte> _message;

    private DnsTestReply(byte[] question) => _message = [.. question];

    public static DnsTestReply To(DnsTestQuestion question) => new DnsTestReply(question.Message).Edit(2, 0x81).Edit(3, 0x80);

    public DnsTestReply Rcode(int rcode) => Edit(3, (byte)(0x80 | rcode));

    public DnsTestReply Truncated() => Edit(2, 0x83);

    public DnsTestReply WrongId() => Edit(0, (byte)(_message[0] ^ 0xff));

    /// <summary>Changes the first letter of the name asked for.</summary>
    public DnsTestReply WrongQuestion() => Edit(13, (byte)'0');

    public DnsTestReply UpperCaseQuestion()
    {
        for (var i = 12; _message[i] != 0; i++) Edit(i, (byte)char.ToUpperInvariant((char)_message[i]));
        return this;
    }

    public DnsTestReply Address(string name, string address, uint ttl = 300)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return Record(7, Name(name), bytes.Length == 4 ? 1 : 28, ttl, bytes);
    }

    public DnsTestReply Cname(string name, string target, uint ttl = 300) => Record(7, Name(name), 5, ttl, Name(target));

    public DnsTestReply Soa(uint ttl, uint minimum)
    {
        var data = new byte[22];
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(18), minimum);
        return Record(9, [0], 6, ttl, data);
    }

    /// <summary>Appends a record and counts it in the low byte of the section's count: 7 answers, 9 authority.</summary>
    public DnsTestReply Record(int counter, byte[] name, int type, uint ttl, byte[] data)
    {
        var head = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(4), ttl);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(8), (ushort)data.Length);
        _message.AddRange([.. name, .. head, .. data]);
        _message[counter]++;
        return this;
    }

    public byte[] ToArray() => [.. _message];

    public int Length => _message.Count;

    public static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    private DnsTestReply Edit(int index, byte value)
    {
        _message[index] = value;
        return this;
    }
}
