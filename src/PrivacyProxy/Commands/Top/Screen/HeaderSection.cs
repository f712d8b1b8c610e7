using PrivacyProxy.Commands.Top.Watching;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>The two lines at the top: which proxy, whether it is ready, and what is the matter.</summary>
internal static class HeaderSection
{
    private const int RightWidth = 34;

    /// <summary>A restart is told for as long as it may explain what is seen.</summary>
    private static readonly TimeSpan _restartNotice = TimeSpan.FromMinutes(1);

    public static IEnumerable<FrameLine> Lines(TopState state, TimeSpan now, int width, bool isLive)
    {
        var (status, ink) = Status(state);
        var uptime = state.Uptime is { } up ? $"  up {Amount.Span(up)}" : "";
        yield return new FrameLine()
            .Left("privacy-proxy top  ", 19, Ink.Heading)
            .Left(state.Address, width - 19 - RightWidth)
            .Right(status, RightWidth - uptime.Length, ink)
            .Left(uptime, uptime.Length);
        var (notice, noticeInk) = Notice(state, now);
        var figures = state.Change.Elapsed is { } elapsed ? $"figures of {elapsed.TotalSeconds:0.0} s" : "figures since its start";
        var right = isLive ? figures + "  q quits" : figures;
        yield return new FrameLine().Left(notice, width - right.Length - 1, noticeInk).Right(right, right.Length + 1, Ink.Dim);
    }

    private static (string Text, Ink Ink) Status(TopState state) => state switch
    {
        { Lost: not null } => ("NO ANSWER", Ink.Bad),
        { Readiness.IsReady: true } => ("ready", Ink.Good),
        { Readiness.IsReady: false } => ("NOT READY", Ink.Bad),
        _ => ("readiness unknown", Ink.Warning),
    };

    private static (string Text, Ink Ink) Notice(TopState state, TimeSpan now)
    {
        if (state.Lost is { } reason) return ($"for {Amount.Span(now - state.SeenAt)}: {reason}", Ink.Bad);
        if (state.Readiness.Missing is { Count: > 0 } missing) return (string.Join("; ", missing), Ink.Warning);
        if (state.RestartedAt is { } restartedAt && now - restartedAt < _restartNotice) return ($"restarted {Amount.Span(now - restartedAt)} ago", Ink.Warning);
        return state.Change.Current.MalformedLines is > 0 and var lines ? ($"{lines} malformed lines in /metrics", Ink.Warning) : ("", Ink.Plain);
    }
}
