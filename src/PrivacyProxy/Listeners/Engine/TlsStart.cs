using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.Certificates;
using PrivacyProxy.Requests;
using Tunneling.Loops;
using Tunneling.Native;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>
/// A new connection to a TLS port until its handshake is done; then it is a <see cref="ConnectionStart"/>. Who speaks no TLS is told so, as
/// <see cref="TlsListener"/> does.
/// </summary>
internal sealed class TlsStart : IChannelHandler
{
    /// <summary>What a client that came in cleartext may still send while it reads what it did wrong, bytes.</summary>
    private const long MaxDrained = 1024 * 1024;

    private readonly TlsChannel _channel;
    private readonly LoopPlace _place;
    private readonly LoopListener _listener;
    private readonly LoopServices _services;
    private readonly long _startedAt;
    private ConnectionTimer _timer;
    private long _drained;
    private bool _isRefused;

    public TlsStart(TlsChannel channel, LoopPlace place, LoopListener listener, LoopServices services)
    {
        (_channel, _place, _listener, _services) = (channel, place, listener, services);
        _startedAt = services.Time.GetTimestamp();
        _timer = new ConnectionTimer(channel.Loop, services.Time, static start => ((TlsStart)start!).OnTimeout(), this);
    }

    public void Begin()
    {
        _channel.Handler = this;
        _services.Handshakes.Begun(_listener.Tags);
        if (_channel.Attach() != 0)
        {
            Fail(HandshakeMetrics.Errors.Broken, "the connection could not be watched");
            return;
        }

        _timer.Start(ServerTls.HandshakeTimeout);
        Advance();
    }

    void IChannelHandler.OnReady(Channel channel)
    {
        if (_isRefused) Drain();
        else Advance();
    }

    private void Advance()
    {
        var result = _channel.Handshake();
        if (result.Status == IoStatus.End)
        {
            _timer.Stop();
            _channel.Handler = null;
            _services.Handshakes.Done(_listener.Tags, Elapsed, _channel.Session.Version);
            // Of a client that was not asked there is none.
            if (_channel.Session.GetClientCertificate() is { } certificate) _place.Certificate = PeerCertificate.Of(X509CertificateLoader.LoadCertificate(certificate));
            new ConnectionStart(_channel, _place, _listener, _services).Begin();
            return;
        }

        var session = _channel.Session;
        if (_channel.IsClosed || session.IsBroken) Fail(HandshakeMetrics.Errors.Broken, "the connection failed");
        else if (session.BeganInCleartext) RefuseCleartext();
        else if (result.Status == IoStatus.Failed) Fail(HandshakeMetrics.Errors.Refused, session.Failure!);
    }

    private void OnTimeout()
    {
        if (_isRefused) Close();
        else Fail(HandshakeMetrics.Errors.Timeout, "it was not done in time");
    }

    private void Fail(Type error, string reason)
    {
        _services.Handshakes.Failed(_listener.Tags, Elapsed, error);
        _listener.LogHandshake(reason);
        Close();
    }

    /// <summary>A new connection has room for so little. Closing over unread bytes would send a RST, which can overtake it.</summary>
    private void RefuseCleartext()
    {
        _isRefused = true;
        _services.Handshakes.Abandoned(_listener.Tags);
        if (Sockets.Send(_channel.Socket, TlsListener.CleartextAnswer).Status != IoStatus.Done || Sockets.ShutdownWrite(_channel.Socket) != 0)
        {
            Close();
            return;
        }

        _timer.Stop();
        _timer = new ConnectionTimer(_channel.Loop, _services.Time, static start => ((TlsStart)start!).OnTimeout(), this);
        _timer.Start(_services.Options.CurrentValue.RefusalLinger);
        Drain();
    }

    private void Drain()
    {
        while (!_channel.IsClosed)
        {
            var result = Sockets.Receive(_channel.Socket, _channel.Loop.Buffer);
            if (result.Status == IoStatus.WouldBlock) return;
            if (result.Status != IoStatus.Done) break;
            _drained += result.Value;
            if (_drained > MaxDrained || !_place.Owner.Received(_place, result.Value)) break;
        }

        Close();
    }

    private void Close()
    {
        _timer.Stop();
        _channel.Close();
        _place.Leave();
    }

    private TimeSpan Elapsed => _services.Time.GetElapsedTime(_startedAt);
}
