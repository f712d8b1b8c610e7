using System.Buffers;
using System.Text;
using Masque;
using Masque.Templates;
using Masque.Udp;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

namespace Tunneling.Fuzz;

/// <summary>Capsules, datagrams in them, settings of HTTP/3 and paths of templates: the first byte says what the rest is. Cut anyhow, it must be the same.</summary>
internal static class MasqueTarget
{
    private static readonly TargetTemplate[] _templates = [Template("/.well-known/masque/udp/{target_host}/{target_port}/"), Template("/proxy{?target_host,target_port}")];

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        var bytes = input[2..].ToArray();
        switch (input[0] % 4)
        {
            case 0:
                var whole = Capsules(new ReadOnlySequence<byte>(bytes), bytes.Length);
                if (whole != Capsules(new ReadOnlySequence<byte>(bytes), 1 + (input[1] % 16))) throw new InvalidOperationException("Cut, the capsules are others.");
                break;
            case 1:
                var datagrams = Datagrams(new ReadOnlySequence<byte>(bytes), bytes.Length);
                if (datagrams != Datagrams(new ReadOnlySequence<byte>(bytes), 1 + (input[1] % 16))) throw new InvalidOperationException("Cut, the datagrams are others.");
                break;
            case 2:
                Settings(bytes);
                break;
            default:
                Match(_templates[input[1] % _templates.Length], Encoding.Latin1.GetString(bytes));
                break;
        }
    }

    /// <summary>Types, lengths and values; where the bytes come in pieces of a size.</summary>
    private static string Capsules(ReadOnlySequence<byte> bytes, int piece)
    {
        var seen = new StringBuilder();
        var reader = new CapsuleReader();
        var pending = ReadOnlySequence<byte>.Empty;
        for (long taken = 0, arrived = 0; arrived < bytes.Length;)
        {
            arrived = Math.Min(arrived + piece, bytes.Length);
            pending = bytes.Slice(taken, arrived - taken);
            while (true)
            {
                if (reader.IsInCapsule)
                {
                    seen.Append(Convert.ToHexString(reader.TakeValue(ref pending).ToArray()));
                    if (reader.IsInCapsule) break;
                    seen.Append(';');
                }

                if (!reader.TryReadHeader(ref pending)) break;
                seen.Append(reader.Type).Append('/').Append(reader.Remaining).Append('=');
            }

            taken = arrived - pending.Length;
        }

        return seen.Append(pending.Length).ToString();
    }

    private static string Datagrams(ReadOnlySequence<byte> bytes, int piece)
    {
        var seen = new StringBuilder();
        var reader = new UdpDatagramReader();
        var pending = ReadOnlySequence<byte>.Empty;
        for (long taken = 0, arrived = 0; arrived < bytes.Length;)
        {
            arrived = Math.Min(arrived + piece, bytes.Length);
            pending = bytes.Slice(taken, arrived - taken);
            var step = UdpDatagramStep.Skipped;
            while (step is not UdpDatagramStep.NeedMore)
            {
                step = reader.Read(ref pending, out var payload);
                if (step == UdpDatagramStep.Malformed) return seen.Append('!').ToString();
                if (payload.Length > UdpDatagram.MaxPayloadLength) throw new InvalidOperationException("A datagram that UDP cannot carry.");
                if (step == UdpDatagramStep.Payload) seen.Append(Convert.ToHexString(payload.ToArray())).Append(';');
            }

            taken = arrived - pending.Length;
        }

        return seen.ToString();
    }

    private static void Settings(ReadOnlySpan<byte> bytes)
    {
        var isKnown = ClientSettings.TryFind(bytes, out var value);
        for (var length = 0; length < bytes.Length; length += 1 + (bytes.Length / 64))
            if (ClientSettings.TryFind(bytes[..length], out var early) && (!isKnown || early != value)) throw new InvalidOperationException("Cut, the setting is another one.");
    }

    private static void Match(TargetTemplate template, string path)
    {
        if (!template.TryMatch(path, out var host, out var port) || host is null || port is null || !int.TryParse(port, out var number) || number is < 1 or > 65535 || port != $"{number}") return;
        if (!template.TryMatch(template.Expand(host, number), out var sameHost, out var samePort) || sameHost != host || samePort != port) throw new InvalidOperationException("Expanded again, the target is another one.");
    }

    private static TargetTemplate Template(string text) => TargetTemplate.TryParse(text, out var template) ? template : throw new FormatException(text);
}
