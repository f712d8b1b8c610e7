using System.Net;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Telemetry.Tracing;

/// <summary>A request that came from nowhere, whose answer goes nowhere.</summary>
internal sealed class TestExchange(TimeProvider time) : TunnelExchange(TunnelProtocol.Http2, time)
{
    public override IPAddress? Peer => null;

    public override CancellationToken Aborted => CancellationToken.None;

    /// <summary>Begins one that <paramref name="traces"/> records.</summary>
    public static TestExchange Begin(TunnelTraces traces, TimeProvider time)
    {
        var exchange = new TestExchange(time);
        exchange.Trace = traces.Start(exchange);
        return exchange;
    }

    protected override ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer) => new((TunnelClient)null!);

    protected override ValueTask SendRefusalAsync(TunnelAnswer answer) => ValueTask.CompletedTask;
}
