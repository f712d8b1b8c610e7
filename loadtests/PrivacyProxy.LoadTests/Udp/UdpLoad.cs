using System.Buffers;
using System.Net;
using Masque;
using Masque.Templates;
using Masque.Udp;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>One connect-udp tunnel over HTTP/2 that keeps a window of datagrams on their way to the echo and back.</summary>
internal sealed class UdpLoad(Stream stream, UdpSettings settings) : IAsyncDisposable
{
    /// <summary>After so long without an echo all that were on their way are lost.</summary>
    private static readonly TimeSpan _lostAfter = TimeSpan.FromMilliseconds(200);

    private static readonly TargetTemplate _template =
        TargetTemplate.TryParse(MasqueTemplates.DefaultUdp, out var template) ? template : throw new FormatException(MasqueTemplates.DefaultUdp);

    private readonly byte[] _received = new byte[128 * 1024];
    private CapsuleReader _capsules;
    private int _held;
    private int _missing = settings.Window;
    private Task<int>? _reading;

    public long Echoes { get; private set; }

    public long Lost { get; private set; }

    /// <exception cref="IOException">The proxy refused it.</exception>
    public static async Task<UdpLoad> OpenAsync(HttpClient client, Uri proxy, string credential, int port, UdpSettings settings, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, new Uri(proxy, _template.Expand("127.0.0.1", port)))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = MasqueTemplates.ConnectUdp;
        request.Headers.TryAddWithoutValidation(CapsuleProtocolField.Name, CapsuleProtocolField.Value);
        request.Headers.TryAddWithoutValidation("Proxy-Authorization", credential);
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK) throw new IOException($"The proxy answered {(int)answer.StatusCode}.");
        return new UdpLoad(await answer.Content.ReadAsStreamAsync(cancellationToken), settings);
    }

    /// <summary>Sends as many datagrams as have come back, until cancelled; can be called again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var capsules = Capsules();
        var length = capsules.Length / settings.Window;
        while (!cancellationToken.IsCancellationRequested)
        {
            await stream.WriteAsync(capsules.AsMemory(0, _missing * length), CancellationToken.None);
            await stream.FlushAsync(CancellationToken.None);
            _reading ??= stream.ReadAsync(_received.AsMemory(_held), CancellationToken.None).AsTask();
            if (await Task.WhenAny(_reading, Task.Delay(_lostAfter, CancellationToken.None)) != _reading)
            {
                Lost += _missing = settings.Window;
                continue;
            }

            if (await _reading is var count && count == 0) throw new IOException("The proxy ended the tunnel.");
            _reading = null;
            var came = Count(count);
            Echoes += came;
            // What was given up may come late.
            _missing = Math.Min(came, settings.Window);
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    /// <summary>A window full of the same datagram.</summary>
    private byte[] Capsules()
    {
        var capsule = new byte[UdpDatagram.MaxHeaderLength + settings.Size];
        var length = UdpDatagram.WriteHeader(capsule, settings.Size) + settings.Size;
        return [.. Enumerable.Repeat(capsule.Take(length), settings.Window).SelectMany(static bytes => bytes)];
    }

    /// <summary>How many datagrams end within what was read. The beginning of a header is held for the next read.</summary>
    private int Count(int read)
    {
        var buffer = new ReadOnlySequence<byte>(_received, 0, _held + read);
        var ended = 0;
        while (_capsules.IsInCapsule || _capsules.TryReadHeader(ref buffer))
        {
            _capsules.TakeValue(ref buffer);
            if (_capsules.IsInCapsule) break;
            ended++;
        }

        _held = (int)buffer.Length;
        buffer.CopyTo(_received);
        return ended;
    }
}
