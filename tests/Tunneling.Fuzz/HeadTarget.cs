using System.Net;
using System.Text;
using PrivacyProxy.Forwarding;
using PrivacyProxy.Listeners.Balancers;
using PrivacyRelay.Http;
using PrivacyRelay.Socks5;
using PrivacyRelay.Socks5.Udp;

namespace Tunneling.Fuzz;

/// <summary>What stands before the bytes of a tunnel elsewhere: PROXY headers, interim answers, heads and SOCKS requests of the relay. The first byte says which.</summary>
internal static class HeadTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        var bytes = input[2..];
        switch (input[0] % 6)
        {
            case 0:
                Balancer(bytes);
                break;
            case 1:
                if (Interim(bytes, bytes.Length) != Interim(bytes, 1 + (input[1] % 16))) throw new InvalidOperationException("Cut, the interim answers are others.");
                break;
            case 2:
                Request(bytes);
                break;
            case 3:
                HttpHead.ParseAnswer(bytes);
                break;
            case 4:
                Socks(bytes.ToArray(), asks: input[1] % 2 == 0);
                break;
            default:
                Datagram(bytes.ToArray());
                break;
        }
    }

    private static void Balancer(ReadOnlySpan<byte> bytes)
    {
        var status = ProxyHeader.Read(bytes, out var length, out var source);
        if (status == ProxyHeaderStatus.Incomplete && bytes.Length >= ProxyHeader.MaxLength) throw new InvalidOperationException("Waits for more than is read.");
        if (status != ProxyHeaderStatus.Complete) return;
        if (length < 1 || length > bytes.Length || length > ProxyHeader.MaxLength) throw new InvalidOperationException("A header of other bytes than came.");
        for (var cut = 0; cut < length; cut += 1 + (length / 64))
            if (ProxyHeader.Read(bytes[..cut], out _, out _) != ProxyHeaderStatus.Incomplete) throw new InvalidOperationException("A part of a header is not waited for.");
        if (ProxyHeader.Read(bytes[..length], out var same, out var again) != status || same != length || !Equals(again, source)) throw new InvalidOperationException("With nothing behind it the header is another one.");
    }

    private static string Interim(ReadOnlySpan<byte> bytes, int piece)
    {
        var seen = new StringBuilder();
        var head = new InterimHead();
        head.Begin();
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(piece, bytes.Length)];
            bytes = bytes[part.Length..];
            while (head.TryTake(ref part, out var interim))
            {
                if (interim!.Status is < 100 or > 199 or 101) throw new InvalidOperationException("An interim answer that is none.");
                seen.Append(interim.Status);
                foreach (var (name, value) in interim.Fields)
                {
                    if (value.AsSpan().ContainsAny('\r', '\n', '\0')) throw new InvalidOperationException("A field that is more than one.");
                    seen.Append('\n').Append(name).Append(':').Append(value);
                }

                seen.Append(';');
            }
        }

        return seen.ToString();
    }

    private static void Request(ReadOnlySpan<byte> bytes)
    {
        if (HttpHead.Parse(bytes) is not { } head) return;
        var written = $"{head.StartLine}\r\n{string.Concat(head.Fields.Select(static field => $"{field.Key}: {field.Value}\r\n"))}\r\n";
        if (HttpHead.Parse(Encoding.Latin1.GetBytes(written)) is not { } again || again.StartLine != head.StartLine || !again.Fields.SequenceEqual(head.Fields)) throw new InvalidOperationException("Written again, the head is another one.");
    }

    private static void Socks(byte[] bytes, bool asks)
    {
        using var stream = new MemoryStream(bytes);
        try
        {
            // A stream in memory has everything at once.
            var method = Done(Socks5RequestReader.ReadGreetingAsync(stream, asks, CancellationToken.None));
            if (method == Socks5RequestReader.NoMethod) return;
            if (method == Socks5RequestReader.Password) Done(Socks5RequestReader.ReadPasswordAsync(stream, CancellationToken.None));
            var request = Done(Socks5RequestReader.ReadRequestAsync(stream, CancellationToken.None));
            if (request.Destination is not null && request.Announced is not null) throw new InvalidOperationException("A tunnel and an association at once.");
        }
        catch (EndOfStreamException)
        {
            // The client has gone.
        }
    }

    private static T Done<T>(ValueTask<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("It waits.");

    private static void Datagram(byte[] bytes)
    {
        if (!Socks5Datagram.TryRead(bytes, out var datagram)) return;
        var header = new byte[Socks5Datagram.MaxHeaderLength];
        var length = Socks5Datagram.WriteHeader(header, datagram.Address.Span);
        if (!bytes.AsSpan().StartsWith(header.AsSpan(0, length)) || !bytes.AsSpan(length).SequenceEqual(datagram.Payload.Span)) throw new InvalidOperationException("Written again, the datagram is another one.");
        Socks5Address.ReadDestination(datagram.Address.Span);
        if (Socks5Address.ReadEndPoint(datagram.Address.Span) is { Port: < IPEndPoint.MinPort or > IPEndPoint.MaxPort }) throw new InvalidOperationException("A port that is none.");
    }
}
