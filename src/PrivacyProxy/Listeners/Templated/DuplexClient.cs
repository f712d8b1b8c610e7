using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>The stream Kestrel gives after an upgrade or an accepted extended CONNECT, as a tunnel's end.</summary>
/// <param name="stream">Both directions.</param>
/// <param name="reset">Breaks it; told whether the client broke the rules.</param>
/// <param name="socket">Where the stream has a connection of its own.</param>
internal sealed class DuplexClient(Stream stream, Action<bool> reset, Socket? socket = null) : TunnelClient
{
    private byte[]? _buffer;

    public override PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));

    public override int MaxBufferSize => 64 * 1024;

    public override bool IsGone => socket is not null && socket.IsBroken();

    public override Memory<byte> GetBuffer(int size)
    {
        if (_buffer is not null && _buffer.Length < size) ReleaseBuffer();
        return _buffer ??= ArrayPool<byte>.Shared.Rent(size);
    }

    public override async ValueTask<bool> SendAsync(int count)
    {
        await stream.WriteAsync(_buffer.AsMemory(0, count));
        return true;
    }

    public override void ReleaseBuffer()
    {
        if (_buffer is null) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    /// <summary>The stream ends with the request, as soon as the tunnel has.</summary>
    public override ValueTask CompleteAsync() => ValueTask.CompletedTask;

    public override void Reset() => reset(false);

    public override void ResetMalformed() => reset(true);
}
