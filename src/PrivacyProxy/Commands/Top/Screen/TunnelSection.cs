using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>Tunnels open now by protocol and kind; beside them how fast they open and what goes through.</summary>
internal static class TunnelSection
{
    public const int Height = 4;

    private const int NameWidth = 13, RateWidth = 10, TotalWidth = 9, TrafficNameWidth = 9;

    private static readonly string[] _protocols = ["http1", "http2", "http3"];
    private static readonly (string Kind, int Width)[] _kinds = [("connect", 8), ("connect_tcp", 12), ("connect_udp", 12), ("http", 6)];

    public static IEnumerable<FrameLine> Lines(SnapshotChange change, int width)
    {
        var gap = width - NameWidth - _kinds.Sum(static kind => kind.Width) - TrafficNameWidth - TotalWidth - RateWidth;
        var head = new FrameLine().Left($"TUNNELS {Amount.Count(change.Current.Sum("privacy_proxy_connections_active") ?? 0)}", NameWidth, Ink.Heading);
        foreach (var (kind, column) in _kinds) head.Right(kind, column, Ink.Dim);
        yield return head.Left("", gap + TrafficNameWidth).Right("total", TotalWidth, Ink.Dim).Right("per s", RateWidth, Ink.Dim);
        string[] traffic = ["opened", "sent", "received"];
        for (var row = 0; row < _protocols.Length; row++)
            yield return Active(change.Current, _protocols[row]).Left("", gap).Append(Traffic(change, row, traffic[row]));
    }

    private static FrameLine Active(MetricsSnapshot metrics, string protocol)
    {
        var line = new FrameLine().Left("  " + protocol, NameWidth);
        var series = metrics.Series("privacy_proxy_tunnels_active");
        foreach (var (kind, column) in _kinds)
            line.Right(Amount.Count(series.GetValueOrDefault(new LabelSet([new("protocol", protocol), new("kind", kind)])), column - 1), column);
        return line;
    }

    private static FrameLine Traffic(SnapshotChange change, int row, string name)
    {
        var family = row switch { 0 => "privacy_proxy_connections_total", 1 => "privacy_proxy_bytes_sent_total", _ => "privacy_proxy_bytes_received_total" };
        var total = change.Current.Sum(family) ?? 0;
        var rate = change.PerSecond(family);
        return new FrameLine().Left(name, TrafficNameWidth)
            .Right(row == 0 ? Amount.Count(total, TotalWidth - 1) : Amount.Bytes(total), TotalWidth)
            .Right(row == 0 || rate is null ? Amount.Rate(rate) : Amount.Bytes(rate) + "/s", RateWidth);
    }
}
