using System.Net;

namespace PrivacyProxy.Tests.Egress.Resolution;

/// <summary>A query as the test server received it.</summary>
internal sealed record DnsTestQuestion(byte[] Message, string Name, ushort Type, bool IsTcp, EndPoint Client)
{
    public bool IsA => Type == 1;

    public static DnsTestQuestion Read(byte[] message, bool isTcp, EndPoint client)
    {
        var labels = new List<string>();
        var offset = 12;
        while (message[offset] != 0)
        {
            labels.Add(System.Text.Encoding.ASCII.GetString(message, offset + 1, message[offset]));
            offset += 1 + message[offset];
        }

        return new DnsTestQuestion(message, string.Join('.', labels), (ushort)((message[offset + 1] << 8) | message[offset + 2]), isTcp, client);
    }
}
