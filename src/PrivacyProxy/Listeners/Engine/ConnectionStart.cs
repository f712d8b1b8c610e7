using System.Buffers;
using PrivacyProxy.Listeners.Engine.Http2;
using PrivacyProxy.Listeners.Http1;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Http1;
using Tunneling.Loops;
using Tunneling.Native;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>
/// A new connection until its first request is known: a CONNECT is served here, and so is HTTP/2; anything else goes to Kestrel with the bytes
/// that were read.
/// What <see cref="ConnectFront"/> is on Kestrel's connections. Holds a buffer only when a head comes in parts.
/// </summary>
internal sealed class ConnectionStart : IChannelHandler
{
    private const int ReadSize = 64 * 1024;

    /// <summary>A longer head does not fit into the loop's buffer; a larger setting is cut to it.</summary>
    private const int LongestHead = EventLoop.BufferSize - ReadSize;

    private readonly ConnectionChannel _channel;
    private readonly LoopPlace _place;
    private readonly LoopListener _listener;
    private readonly LoopServices _services;
    private readonly TunnelOptions _limits;
    private HeadScanner _scanner;
    private ConnectionTimer? _timer;
    private byte[]? _held;
    private int _count;

    public ConnectionStart(ConnectionChannel channel, LoopPlace place, LoopListener listener, LoopServices services)
    {
        (_channel, _place, _listener, _services, _limits) = (channel, place, listener, services, services.Options.CurrentValue);
        _scanner = new HeadScanner(Math.Min(_limits.MaxRequestHeadSize, LongestHead));
    }

    private EventLoop Loop => _channel.Loop;

    public void Begin()
    {
        if (_channel is TlsChannel secure && secure.Session.Speaks("h2"u8))
        {
            ServeHttp2([]);
            return;
        }

        // Most clients have sent their head by now: then nothing needs to be waited for.
        if (Read()) return;
        _channel.Handler = this;
        if (!Attach()) return;
        _timer = new ConnectionTimer(Loop, _services.Time, static start => ((ConnectionStart)start!).OnTimeout(), this);
        _timer.Start(_limits.RequestHeadTimeout);
    }

    void IChannelHandler.OnReady(Channel channel) => Read();

    private bool Attach()
    {
        if (_channel.Attach() == 0) return true;
        Close();
        return false;
    }

    /// <summary>Reads what there is. True once it is known what becomes of the connection.</summary>
    private bool Read()
    {
        while (_channel.CanRead)
        {
            var buffer = Loop.Buffer.AsSpan(0, Math.Min(_limits.MaxRequestHeadSize, LongestHead) + ReadSize);
            _held.AsSpan(0, _count).CopyTo(buffer);
            var result = _channel.Read(buffer[_count..]);
            switch (result.Status)
            {
                case IoStatus.WouldBlock:
                    return false;
                case IoStatus.Failed:
                    Close();
                    return true;
                case IoStatus.End:
                    // One that ends within a head of CONNECT has left; what else it sent is Kestrel's to answer.
                    if (_count == 0 || _scanner.IsConnect) Close();
                    else HandOver(NewHandedConnection(buffer[.._count]));
                    return true;
            }

            _count += result.Value;
            if (Decide(buffer[.._count])) return true;
        }

        return false;
    }

    private bool Decide(ReadOnlySpan<byte> bytes)
    {
        switch (_scanner.Scan(bytes, out var head))
        {
            case RequestStart.Connect:
                var invalid = ConnectHeadParser.Parse(bytes[head], _limits.MaxRequestFields, out var parsed);
                Serve(parsed, invalid, bytes[head.End..]);
                return true;
            case RequestStart.TooLarge:
                Serve(null, new InvalidRequest(StatusCodes.Status431RequestHeaderFieldsTooLarge, "request head too large"), []);
                return true;
            case RequestStart.Http2:
                ServeHttp2(bytes[_scanner.Skipped..]);
                return true;
            case RequestStart.Other:
                // Kestrel would refuse the empty lines.
                HandOver(NewHandedConnection(bytes[_scanner.Skipped..]));
                return true;
            default:
                Hold(bytes);
                return false;
        }
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_held is null || _held.Length < bytes.Length)
        {
            Release();
            _held = ArrayPool<byte>.Shared.Rent(bytes.Length);
        }

        bytes.CopyTo(_held);
    }

    private void Release()
    {
        if (_held is not null) ArrayPool<byte>.Shared.Return(_held);
        _held = null;
    }

    private void OnTimeout()
    {
        if (_scanner.IsConnect) Serve(null, new InvalidRequest(StatusCodes.Status408RequestTimeout, "request head not complete in time"), []);
        else Close();
    }

    private void Serve(ConnectHead? head, InvalidRequest? invalid, ReadOnlySpan<byte> early)
    {
        var exchange = new LoopExchange(_channel, _place, head, invalid, early.IsEmpty ? null : early.ToArray(), _limits.RefusalLinger, _services.Time);
        if (Leave()) _ = _services.Handler.HandleAsync(exchange);
    }

    /// <summary>The client speaks HTTP/2: it chose so in the handshake, or its first bytes, which are here, are the preface.</summary>
    private void ServeHttp2(ReadOnlySpan<byte> bytes)
    {
        if (Leave()) new LoopStreams(_channel, _place, _listener, _services).Begin(bytes);
    }

    private HandedConnection NewHandedConnection(ReadOnlySpan<byte> bytes) => new(_channel, _place, bytes.ToArray(), _listener.EndPoint);

    private void HandOver(HandedConnection connection)
    {
        if (!Leave()) return;
        if (_listener.HandOver(connection)) connection.Begin();
        else Close();
    }

    /// <summary>Lets go of the connection and of what was held for it. False: it is gone.</summary>
    private bool Leave()
    {
        Release();
        if (_timer is null) return Attach();
        _timer.Stop();
        return true;
    }

    private void Close()
    {
        Release();
        _timer?.Stop();
        _channel.Close();
        _place.Leave();
    }
}
