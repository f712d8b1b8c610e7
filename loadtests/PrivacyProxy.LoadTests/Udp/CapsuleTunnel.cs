using System.Buffers;
using Masque.Udp;
using PrivacyProxy.LoadTests.Clients.Http3;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>Capsules on the stream of a request, of whatever version of HTTP.</summary>
internal sealed class CapsuleTunnel : EchoTunnel
{
    private readonly Func<Memory<byte>, ValueTask<int>> _read;
    private readonly Func<ReadOnlyMemory<byte>, ValueTask> _write;
    private readonly IAsyncDisposable _stream;
    private readonly byte[] _capsules;
    private readonly int _length;
    private readonly int _header;

    private CapsuleTunnel(IAsyncDisposable stream, Func<Memory<byte>, ValueTask<int>> read, Func<ReadOnlyMemory<byte>, ValueTask> write, UdpSettings settings)
    {
        (_stream, _read, _write) = (stream, read, write);
        var capsule = new byte[UdpDatagram.MaxHeaderLength + settings.Size];
        _header = UdpDatagram.WriteHeader(capsule, settings.Size);
        _length = _header + settings.Size;
        _capsules = [.. Enumerable.Repeat(capsule.Take(_length), settings.Window).SelectMany(static bytes => bytes)];
        _ = ReadAsync();
    }

    public static CapsuleTunnel On(Stream stream, UdpSettings settings) => new(
        stream,
        buffer => stream.ReadAsync(buffer, CancellationToken.None),
        async bytes =>
        {
            await stream.WriteAsync(bytes, CancellationToken.None);
            await stream.FlushAsync(CancellationToken.None);
        },
        settings);

    public static CapsuleTunnel On(Http3Tunnel tunnel, UdpSettings settings) =>
        new(tunnel, buffer => tunnel.ReadAsync(buffer, CancellationToken.None), bytes => tunnel.WriteAsync(bytes, CancellationToken.None), settings);

    public override async ValueTask SendAsync(int count, long stamp)
    {
        while (count > 0)
        {
            var part = Math.Min(count, _capsules.Length / _length);
            for (var i = 0; i < part; i++) Stamp(_capsules.AsSpan((i * _length) + _header), stamp);
            await _write(_capsules.AsMemory(0, part * _length));
            count -= part;
        }
    }

    public override ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task ReadAsync()
    {
        var received = new byte[128 * 1024];
        var held = 0;
        var datagrams = default(UdpDatagramReader);
        try
        {
            while (await _read(received.AsMemory(held)) is var count and > 0)
            {
                var buffer = new ReadOnlySequence<byte>(received, 0, held + count);
                while (datagrams.Read(ref buffer, out var payload) is UdpDatagramStep.Payload or UdpDatagramStep.Skipped)
                    if (!payload.IsEmpty) Tell(payload.FirstSpan);
                held = (int)buffer.Length;
                buffer.CopyTo(received);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Nothing comes back any more, which the load sees.
        }
    }
}
