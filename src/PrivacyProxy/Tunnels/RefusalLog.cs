using Microsoft.Extensions.Options;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tunnels;

/// <summary>One line at Debug for each tunnel request that is refused, in the words of the metrics; none for one that is accepted.</summary>
internal sealed partial class RefusalLog(IOptionsMonitor<RecordingOptions> options, ILogger<RefusalLog> logger)
{
    private const string Nothing = "none";

    /// <summary>To be called when the answer was begun: only then is it known whether the trace is kept.</summary>
    public void Refused(TunnelExchange exchange, TunnelAnswer answer)
    {
        if (!logger.IsEnabled(LogLevel.Debug)) return;
        var redemption = exchange.Redemption?.Label() ?? Nothing;
        var error = answer.Error == ProxyStatusError.None ? Nothing : ProxyStatus.Token(answer.Error);
        var protocol = exchange.Protocol.Label();
        var kind = exchange.Request?.Kind.Label() ?? Nothing;
        var traceId = exchange.KeptTraceId == default ? Nothing : exchange.KeptTraceId.ToHexString();
        if (!options.CurrentValue.Debug.IncludeDestinations)
        {
            LogRefused(answer.Status, redemption, error, protocol, kind, traceId);
            return;
        }

        var client = exchange.Peer?.ToString() ?? Nothing;
        var destination = exchange.Request is { Target: var target } ? $"{target.Host}:{target.Port}" : Nothing;
        LogRefusedNamed(answer.Status, redemption, error, protocol, kind, traceId, client, destination);
    }

    [LoggerMessage(EventId = 2711, Level = LogLevel.Debug, Message = "Refused with {Status}: redemption {Redemption}, error {Error}, protocol {Protocol}, kind {Kind}, trace {TraceId}.")]
    private partial void LogRefused(int status, string redemption, string error, string protocol, string kind, string traceId);

    [LoggerMessage(EventId = 2712, Level = LogLevel.Debug, Message = "Refused with {Status}: redemption {Redemption}, error {Error}, protocol {Protocol}, kind {Kind}, trace {TraceId}, client {Client}, destination {Destination}.")]
    private partial void LogRefusedNamed(int status, string redemption, string error, string protocol, string kind, string traceId, string client, string destination);
}
