using System.Net.Sockets;
using Masque;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Places;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Recording;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Certificates;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels.Rates;
using Tunneling.Admission;

namespace PrivacyProxy.Tunnels;

/// <summary>What happens to a tunnel request, whatever brought it: redeem, dial, accept, pump, account. The picture: docs/design/request.md.</summary>
internal sealed partial class TunnelHandler(
    IRedeemer redeemer,
    IEgress egress,
    IUdpEgress udpEgress,
    TunnelMetrics metrics,
    TunnelTraces traces,
    RefusalLog refusals,
    TunnelRegistry registry,
    ConnectionRegistry connections,
    CertificateTunnels certificates,
    TunnelRates rates,
    ClientPlaces places,
    IProxyIdentity identity,
    TimeProvider time,
    ILogger<TunnelHandler> logger)
{
    private static readonly Refusal _tooFast = new(ProxyStatusError.RateLimited) { Fields = [new("Retry-After", "1")] };

    private static readonly TunnelAnswer _ok = new(StatusCodes.Status200OK);

    /// <summary>Serves one request to its end, and closes it; never throws. While the tunnel is open nothing of what opened it is held.</summary>
    public async Task HandleAsync(TunnelExchange exchange)
    {
        var kind = exchange.Request?.Kind ?? default;
        try
        {
            metrics.RequestRead();
            exchange.Trace = traces.Start(exchange);
            if (await TryOpenAsync(exchange) is not { } tunnel) return;
            var opened = time.GetTimestamp();
            metrics.TunnelOpened(exchange.Protocol, kind);
            try
            {
                await tunnel.RunAsync();
            }
            finally
            {
                metrics.TunnelClosed(exchange.Protocol, kind, time.GetElapsedTime(opened));
                Release(exchange, kind);
            }
        }
        catch (Exception e)
        {
            LogFailure(e.GetType().Name);
        }
        finally
        {
            exchange.Close();
        }
    }

    /// <summary>The tunnel, not yet running, whose place is still taken; null when the request has been answered otherwise. Never throws.</summary>
    private async ValueTask<OpenTunnel?> TryOpenAsync(TunnelExchange exchange)
    {
        try
        {
            return await OpenAsync(exchange);
        }
        catch (Exception e) when (exchange.Aborted.IsCancellationRequested || (exchange.IsAnswered && IsBrokenConnection(e)))
        {
            // The client left before its answer had reached it. An answer that was begun has been counted.
            if (exchange.IsAnswered) return null;
            metrics.Answered(StatusCodes.Status499ClientClosedRequest);
            exchange.Abandon();
        }
        catch (Exception e)
        {
            LogFailure(e.GetType().Name);
            if (!exchange.IsAnswered) await TryRefuseAsync(exchange);
        }

        return null;
    }

    private static bool IsBrokenConnection(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException;

    private async ValueTask<OpenTunnel?> OpenAsync(TunnelExchange exchange)
    {
        if (exchange.Request is not { } request)
        {
            await RejectAsync(exchange, exchange.Invalid!.Value.ToRefusal());
            return null;
        }

        if (!TryReserve(exchange, request.Kind))
        {
            await RejectAsync(exchange, new Refusal(ProxyStatusError.ConnectionLimitReached) { Details = registry.IsDraining ? "draining" : null });
            return null;
        }

        var (tunnel, refusal) = await EstablishAsync(exchange, request);
        // Only now that its place is free again: a refused client may take its time to read.
        if (refusal is not null) await RejectAsync(exchange, refusal);
        return tunnel;
    }

    /// <summary>Takes a place for the tunnel and one for its destination's descriptor, before the token is looked at.</summary>
    private bool TryReserve(TunnelExchange exchange, TunnelKind kind)
    {
        if (!registry.TryReserve(kind)) return false;
        if (connections.TryReserveTunnel(exchange.Connection)) return true;
        registry.Release(kind);
        return false;
    }

    private void Release(TunnelExchange exchange, TunnelKind kind)
    {
        if (exchange.Holder is { } holder) certificates.Close(holder);
        connections.ReleaseTunnel(exchange.Connection, exchange.IsPaid);
        registry.Release(kind);
    }

    /// <summary>Redeems, dials and accepts, or says why there is no tunnel; then the reserved place is free again.</summary>
    private async ValueTask<(OpenTunnel? Tunnel, Refusal? Refusal)> EstablishAsync(TunnelExchange exchange, TunnelRequest request)
    {
        OpenTunnel? tunnel = null;
        RateShare share = default;
        try
        {
            if (rates.LimitSources && !rates.Admit(exchange.Peer)) return (null, _tooFast);
            if (!rates.Admit(request.Target, out share)) return (null, _tooFast);
            var certificate = exchange.Certificate;
            var redemption = await redeemer.RedeemAsync(certificate is null ? request.Credentials : request.Credentials with { Certificate = certificate }, exchange.Trace, exchange.Aborted);
            exchange.Redemption = redemption;
            if (redemption is not (RedemptionResult.Accepted or RedemptionResult.PresharedAccepted or RedemptionResult.CertificateAccepted))
                return (null, redeemer.Refuse(redemption, request.Kind));
            if (redemption == RedemptionResult.CertificateAccepted)
            {
                if (!certificates.TryOpen(certificate!)) return (null, new Refusal(ProxyStatusError.ConnectionLimitReached) { Details = "too many tunnels of one certificate" });
                exchange.Holder = certificate;
            }

            if (redemption == RedemptionResult.Accepted) exchange.Country = redeemer.CountryOf(request.Credentials);
            connections.TunnelAccepted(exchange.Connection);
            exchange.IsPaid = true;
            exchange.Geohash = places.Of(exchange.Peer, request.Geohash);
            if (exchange.ServesItself) return (null, await CountAsync(exchange, request.Kind));

            await exchange.ContinueAsync();
            var dialled = time.GetTimestamp();
            var destination = new EgressRequest(request.Target, exchange.Geohash, exchange.Trace, exchange.IsOnLoop, exchange.Country);
            var connection = await (request.Kind == TunnelKind.ConnectUdp ? udpEgress.OpenAsync(destination, exchange.Aborted) : egress.ConnectAsync(destination, exchange.Aborted));
            if (!connection.IsConnected) return (null, new Refusal(connection.Error) { Rcode = connection.Rcode });

            try
            {
                metrics.Connected(time.GetElapsedTime(dialled), exchange.Trace?.KeptId ?? default);
                metrics.Answered(exchange.AcceptedStatus);
                var client = await exchange.AcceptAsync(Acceptance(exchange, request));
                var traffic = new TunnelTraffic(metrics, time, exchange.ReceivedAt, exchange.KeptTraceId);
                tunnel = client.Open(request.Kind, connection, registry, traffic, time);
            }
            finally
            {
                // The tunnel's from here on.
                if (tunnel is null) connection.Dispose();
            }

            return (tunnel, null);
        }
        finally
        {
            if (!exchange.IsPaid) share.GiveBack();
            if (tunnel is null) Release(exchange, request.Kind);
        }
    }

    /// <summary>What is no tunnel counts as one while it is served.</summary>
    private async Task<Refusal?> CountAsync(TunnelExchange exchange, TunnelKind kind)
    {
        var began = time.GetTimestamp();
        metrics.TunnelOpened(exchange.Protocol, kind);
        try
        {
            return await exchange.ServeAsync(status =>
            {
                metrics.Answered(status);
                metrics.FirstByte(time.GetElapsedTime(exchange.ReceivedAt), exchange.KeptTraceId);
            });
        }
        finally
        {
            metrics.TunnelClosed(exchange.Protocol, kind, time.GetElapsedTime(began));
        }
    }

    /// <summary>A templated tunnel says who opened it (draft-ietf-httpbis-connect-tcp, section 4.2) and that capsules follow.</summary>
    private TunnelAnswer Acceptance(TunnelExchange exchange, TunnelRequest request)
    {
        var told = places.Tell(exchange.Geohash);
        if (request.Kind == TunnelKind.Connect && told is null) return _ok;
        var answer = request.Kind == TunnelKind.Connect
            ? new TunnelAnswer(exchange.AcceptedStatus)
            : new TunnelAnswer(exchange.AcceptedStatus, new(ProxyStatus.HeaderName, identity.StatusName), new(CapsuleProtocolField.Name, CapsuleProtocolField.Value));
        if (told is not null) answer.Headers.Add(new(GeohashHint.FieldName, told));
        return answer;
    }

    /// <summary>The one place where requests are refused: counted, named, answered and written down.</summary>
    private ValueTask RejectAsync(TunnelExchange exchange, Refusal refusal)
    {
        metrics.Refused(refusal.Error);
        metrics.Answered(refusal.Status);
        var answer = refusal.ToAnswer(identity.StatusName);
        var rejecting = exchange.RejectAsync(answer);
        // Not after it has ended: a refused client may take its time to read, or never read at all.
        refusals.Refused(exchange, answer);
        return rejecting;
    }

    private async ValueTask TryRefuseAsync(TunnelExchange exchange)
    {
        try
        {
            await RejectAsync(exchange, new Refusal(ProxyStatusError.ProxyInternalError));
        }
        catch (Exception e)
        {
            LogFailure(e.GetType().Name);
        }
    }

    // The type only: a message could hold a destination.
    [LoggerMessage(EventId = 2701, Level = LogLevel.Error, Message = "A tunnel request failed inside the proxy: {ExceptionType}.")]
    private partial void LogFailure(string exceptionType);
}
