using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress;
using PrivacyProxy.Redemption;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Tunnels;

/// <summary>What happens to a tunnel request, whatever brought it: redeem, dial, accept, pump, account.</summary>
internal sealed partial class TunnelHandler(
    IRedeemer redeemer,
    IEgress egress,
    ProxyMetrics metrics,
    TunnelRegistry registry,
    IOptionsMonitor<TunnelOptions> options,
    TimeProvider time,
    ILogger<TunnelHandler> logger)
{
    private static readonly TunnelAnswer _ok = new(StatusCodes.Status200OK);

    private string ProxyName => options.CurrentValue.ProxyName;

    /// <summary>Serves one request to its end; never throws.</summary>
    public async Task HandleAsync(TunnelExchange exchange)
    {
        metrics.RequestRead();
        try
        {
            await AnswerAsync(exchange);
        }
        catch (Exception e) when (exchange.Aborted.IsCancellationRequested || e is IOException or SocketException)
        {
            // The client left before its answer.
        }
        catch (Exception e)
        {
            LogFailure(e.GetType().Name);
            await TryRefuseAsync(exchange);
        }
    }

    private async Task AnswerAsync(TunnelExchange exchange)
    {
        if (exchange.Request is not { } request)
        {
            metrics.Refused(ProxyStatusError.HttpRequestError);
            await RejectAsync(exchange, exchange.Invalid!.Value.ToAnswer(ProxyName));
        }
        else if (!registry.TryReserve())
        {
            await RefuseAsync(exchange, ProxyStatusError.ConnectionLimitReached, registry.IsDraining ? "draining" : null);
        }
        else
        {
            try
            {
                await OpenAsync(exchange, request);
            }
            finally
            {
                registry.Release();
            }
        }
    }

    private async Task OpenAsync(TunnelExchange exchange, TunnelRequest request)
    {
        var redemption = await redeemer.RedeemAsync(request.Credentials, exchange.Aborted);
        metrics.Redeemed(redemption);
        if (redemption is not (RedemptionResult.Accepted or RedemptionResult.PresharedAccepted))
        {
            await RejectAsync(exchange, redeemer.Refuse(redemption, request.Kind));
            return;
        }

        var dialled = time.GetTimestamp();
        var connection = await egress.ConnectAsync(new EgressRequest(request.Target, request.Geohash), exchange.Aborted);
        if (connection.Socket is not { } origin)
        {
            await RefuseAsync(exchange, connection.Error, rcode: connection.Rcode);
            return;
        }

        using (origin)
        {
            metrics.Connected(time.GetElapsedTime(dialled));
            var client = await exchange.AcceptAsync(_ok);
            metrics.Answered(_ok.Status);
            await PumpAsync(request, client, origin);
        }
    }

    private async Task PumpAsync(TunnelRequest request, TunnelClient client, Socket origin)
    {
        var opened = time.GetTimestamp();
        metrics.TunnelOpened(request.Protocol, request.Kind);
        var tunnel = new Tunnel(client, origin, registry);
        await tunnel.RunAsync();
        metrics.TunnelClosed(request.Protocol, request.Kind, time.GetElapsedTime(opened), tunnel.BytesSent, tunnel.BytesReceived);
    }

    private ValueTask RefuseAsync(TunnelExchange exchange, ProxyStatusError error, string? details = null, string? rcode = null)
    {
        metrics.Refused(error);
        return RejectAsync(exchange, ProxyStatus.Refusal(ProxyName, error, details, rcode));
    }

    private ValueTask RejectAsync(TunnelExchange exchange, TunnelAnswer answer)
    {
        metrics.Answered(answer.Status);
        return exchange.RejectAsync(answer);
    }

    private async ValueTask TryRefuseAsync(TunnelExchange exchange)
    {
        try
        {
            await RefuseAsync(exchange, ProxyStatusError.ProxyInternalError);
        }
        catch (Exception e)
        {
            LogFailure(e.GetType().Name);
        }
    }

    // The type only: a message could hold a destination.
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "A tunnel request failed inside the proxy: {ExceptionType}.")]
    private partial void LogFailure(string exceptionType);
}
