using PrivacyRelay.Streams;
using PrivacyRelay.Timing;
using PrivacyRelay.Upstream.Http1;
using PrivacyRelay.Upstream.Http2;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyRelay.Upstream;

/// <summary>Asks a proxy over the newest version that it speaks and the network lets through; remembers for a while which it was.</summary>
/// <param name="http3">Null where there is no QUIC.</param>
/// <param name="http2">Tried next; offers HTTP/1.1 beside it.</param>
/// <param name="http1">What every proxy speaks.</param>
/// <param name="time">The clock of the memory.</param>
internal sealed class NegotiatedHop(Http3Hop? http3, Http2Hop http2, Http1Hop http1, TimeProvider time) : IHopProtocol
{
    /// <summary>A proxy may be updated while the relay runs.</summary>
    private static readonly TimeSpan _memory = TimeSpan.FromMinutes(10);

    private readonly Remembered _noHttp3 = new(_memory, time);
    private readonly Remembered _noHttp2 = new(_memory, time);
    private readonly Remembered _noConnectTcp = new(_memory, time);

    public async ValueTask<HopAnswer?> AskAsync(TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        if (http3 is null || _noHttp3.Holds) return await AskOverTcpAsync(kind, destination, authorization, cancellationToken);
        try
        {
            var answer = await http3.AskAsync(kind, destination, authorization, cancellationToken);
            if (answer is not { Response.IsUnknownResource: true }) return answer;
            _noHttp3.Note();
            return null;
        }
        catch (Http3NotSpokenException)
        {
            _noHttp3.Note();
            return await AskOverTcpAsync(kind, destination, authorization, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (http3 is not null) await http3.DisposeAsync();
        await http2.DisposeAsync();
        await http1.DisposeAsync();
    }

    private async ValueTask<HopAnswer?> AskOverTcpAsync(TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        if (_noHttp2.Holds || (kind == TunnelKind.Tcp && _noConnectTcp.Holds))
            return await http1.AskAsync(kind, destination, authorization, cancellationToken);
        DuplexStream? connection;
        try
        {
            var answer = await http2.AskAsync(kind, destination, authorization, cancellationToken);
            if (kind != TunnelKind.Tcp || answer is not { Response.IsUnknownResource: true }) return answer;
            // It has HTTP/2 for other purposes.
            _noConnectTcp.Note();
            return null;
        }
        catch (Http2NotSpokenException e)
        {
            _noHttp2.Note();
            connection = e.TakeConnection();
        }

        return connection is null
            ? await http1.AskAsync(kind, destination, authorization, cancellationToken)
            : await http1.AskAsync(connection, kind, destination, authorization, cancellationToken);
    }
}
