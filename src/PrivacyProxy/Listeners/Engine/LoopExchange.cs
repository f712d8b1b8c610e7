using System.Diagnostics.CodeAnalysis;
using System.Net;
using PrivacyProxy.Listeners.Http1;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Loops;
using Tunneling.Native;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>A CONNECT that was the first request of an HTTP/1.1 connection on a loop. All of it runs there.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer of its own the source holds nothing to dispose of.")]
internal sealed class LoopExchange : TunnelExchange, IChannelHandler
{
    /// <summary>What a refused client may still send while it reads the refusal, bytes.</summary>
    private const long MaxDrained = 1024 * 1024;

    private const int MaxEarly = 16 * 1024;

    private readonly Channel _channel;
    private readonly LoopPlace _place;
    private readonly TimeProvider _time;
    private readonly TimeSpan _linger;
    private CancellationTokenSource? _left = new();
    private byte[]? _early;

    /// <param name="channel">The connection; its handler until the request is answered.</param>
    /// <param name="place">Its place.</param>
    /// <param name="head">The request; null with <paramref name="invalid"/>.</param>
    /// <param name="invalid">What is wrong with it.</param>
    /// <param name="early">What came after the head.</param>
    /// <param name="linger">How long a refused client may take to read.</param>
    /// <param name="time">The clock.</param>
    public LoopExchange(Channel channel, LoopPlace place, ConnectHead? head, InvalidRequest? invalid, byte[]? early, TimeSpan linger, TimeProvider time)
        : base(TunnelProtocol.Http1, time)
    {
        (_channel, _place, _early, _linger, _time) = (channel, place, early, linger, time);
        channel.Handler = this;
        Connection = place;
        TraceParent = head?.TraceParent ?? default;
        Invalid = invalid;
        Request = head?.ToRequest();
    }

    public override IPAddress? Peer => _channel.Peer.ToAddress();

    public override PeerCertificate? Certificate => _place.Certificate;

    /// <summary>Fires when the connection breaks, or the client ends it before having sent a byte after the head; none once accepted.</summary>
    public override CancellationToken Aborted => _left?.Token ?? CancellationToken.None;

    public override bool IsOnLoop => true;

    /// <summary>Whatever became of the connection, it ends here.</summary>
    public override void Close()
    {
        _channel.Close();
        _place.Leave();
    }

    /// <summary>Looks whether a client that waits for its tunnel is still there; what it sends early stays in the kernel unless it has ended.</summary>
    void IChannelHandler.OnReady(Channel channel)
    {
        if (!channel.MayHaveEnded || IsAnswered) return;
        if (_early is null && !channel.IsBroken)
        {
            var result = channel.Read(channel.Loop.Buffer.AsSpan(0, MaxEarly));
            if (result.Status == IoStatus.WouldBlock) return;
            if (result.Status == IoStatus.Done)
            {
                // It has only half-closed, and is served.
                _early = channel.Loop.Buffer.AsSpan(0, result.Value).ToArray();
                return;
            }
        }
        else if (!channel.IsBroken)
        {
            return;
        }

        // Not here: what is cancelled may be this very turn's.
        _ = _left?.CancelAsync();
    }

    protected override async ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer)
    {
        var head = Http1Answer.Write(answer, ServerTimingField, closes: false);
        var result = _channel.Write(head);
        if (result.Status == IoStatus.Failed || (result.Value < head.Length && !await new AsyncChannel(_channel).WriteAsync(head.AsMemory(result.Value))))
            throw new IOException("The client's connection broke.");
        var early = _early;
        (_early, _left) = (null, null);
        return new LoopEnd(_channel, early);
    }

    protected override async ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        var io = new AsyncChannel(_channel);
        // For a client that leaves it unread there is a limit.
        _place.WriteWaits();
        var isWritten = await io.WriteAsync(Http1Answer.Write(answer, ServerTimingField, closes: true)) && await io.ShutdownWriteAsync();
        _place.WriteDone();
        if (!isWritten)
            throw new IOException("The client's connection broke.");
        await DrainAsync(io);
    }

    /// <summary>Closing over unread bytes would send a RST, which can overtake the answer (RFC 9112, section 9.6): read them first, and throw them away.</summary>
    private async ValueTask DrainAsync(AsyncChannel io)
    {
        var timer = new ConnectionTimer(_channel.Loop, _time, static io => ((AsyncChannel)io!).Close(breaks: false), io);
        timer.Start(_linger);
        for (long drained = 0; drained < MaxDrained;)
        {
            await io.WaitToReadAsync();
            var result = _channel.Read(_channel.Loop.Buffer);
            if (result.Status is IoStatus.End or IoStatus.Failed) break;
            drained += result.Value;
            if (!_place.Owner.Received(_place, result.Value)) break;
        }

        timer.Stop();
    }
}
