using System.Net.Sockets;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Forwarding;

/// <summary>
/// A connection to an origin: counts its bytes, gives its place back when it is closed, and has what the HTTP client on it lacks: trailers of
/// requests, and interim answers for whoever asked.
/// </summary>
/// <param name="socket">Its own.</param>
/// <param name="metrics">Who is told of bytes.</param>
/// <param name="places">Where a place was reserved for it.</param>
internal sealed class OriginStream(Socket socket, TunnelMetrics metrics, ConnectionRegistry places) : NetworkStream(socket, ownsSocket: true)
{
    // Never disposed: without a timer it holds nothing.
    private readonly CancellationTokenSource _gone = new();
    private int _closed;
    private OriginRequest? _request;
    private InterimHead _interim;
    private ChunkedEnd _end;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        if (count == 0) return 0;
        metrics.Moved(0, count);
        if (_request is { HearsInterims: true } request) await HearAsync(request, buffer[..count]);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var request = OriginRequest.Current;
        if (request != _request)
        {
            // The first bytes of another request: what is read from here on is its answer.
            _request = request;
            _interim.Begin();
            _end.Begin();
        }

        if (request?.Trailers is { } trailers && _end.Find(buffer.Span) is >= 0 and var place)
        {
            await SendAsync(buffer[..place], cancellationToken);
            await SendAsync(trailers(), cancellationToken);
            buffer = buffer[place..];
        }

        await SendAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _gone.Cancel();
        if (Interlocked.Exchange(ref _closed, 1) == 0) places.ReleaseTunnel(connection: null, wasAccepted: false);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty) return;
        await base.WriteAsync(bytes, cancellationToken);
        metrics.Moved(bytes.Length, 0);
    }

    private async ValueTask HearAsync(OriginRequest request, ReadOnlyMemory<byte> bytes)
    {
        while (TryTake(ref bytes, out var interim)) await request.HearAsync(interim!, _gone.Token);
    }

    private bool TryTake(ref ReadOnlyMemory<byte> bytes, out InterimAnswer? interim)
    {
        var left = bytes.Span;
        var found = _interim.TryTake(ref left, out interim);
        bytes = bytes[^left.Length..];
        return found;
    }
}
