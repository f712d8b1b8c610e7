using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Requests;

/// <summary>What metrics, logs and traces call a request and its outcomes: fixed words, never anything a client sent.</summary>
internal static class RequestLabels
{
    private static readonly string[] _results = [.. Enum.GetNames<RedemptionResult>().Select(SnakeCase)];

    /// <summary>The labels <c>result</c> of all redemptions, in the order of the values.</summary>
    public static IReadOnlyList<string> Results => _results;

    /// <summary>The label <c>result</c>.</summary>
    public static string Label(this RedemptionResult result) => _results[(int)result];

    /// <summary>The label <c>protocol</c>.</summary>
    public static string Label(this TunnelProtocol protocol) => protocol switch { TunnelProtocol.Http1 => "http1", TunnelProtocol.Http2 => "http2", _ => "http3" };

    /// <summary>The label <c>kind</c>.</summary>
    public static string Label(this TunnelKind kind) => kind switch { TunnelKind.Connect => "connect", TunnelKind.ConnectTcp => "connect_tcp", TunnelKind.Http => "http", _ => "connect_udp" };

    /// <summary>The answer of a store; "pending" when there is none yet.</summary>
    public static string Label(this SpendOutcome? outcome) => outcome switch
    {
        SpendOutcome.Fresh => "fresh",
        SpendOutcome.AlreadySpent => "already_spent",
        SpendOutcome.Unavailable => "unavailable",
        _ => "pending",
    };

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
