using System.Collections.Concurrent;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Fleet;

/// <summary>
/// The placements that the proxies of a fleet go by, written down on every server under a key that no setting changes. A proxy
/// that finds none of its own there must not serve. While a fleet moves there are two, the older first.
/// </summary>
internal sealed class FleetRecord
{
    /// <summary>No token has it, whatever the prefix: theirs end in 43 characters of base64url.</summary>
    public const string Key = "privacy-proxy/fleet";

    private const int Attempts = 3;

    private readonly FleetPlacement[] _own;
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <param name="own">This proxy's placements, the older first.</param>
    public FleetRecord(params FleetPlacement[] own) => _own = own;

    /// <summary>Why this proxy must not serve, null when nothing is against it.</summary>
    public string? Problem
    {
        get
        {
            if (_problems.IsEmpty) return null;
            var (server, problem) = _problems.OrderBy(static pair => pair.Key, StringComparer.Ordinal).FirstOrDefault();
            return server is null ? null : $"{server} is in use by proxies with other settings: {problem}; a token could be accepted by them and here";
        }
    }

    /// <summary>True while there is a <see cref="Problem"/>.</summary>
    public bool Disagrees => !_problems.IsEmpty;

    /// <summary>Compares with what a server holds, and writes it where there is nothing.</summary>
    /// <returns>The problem if it is a new one.</returns>
    public async Task<string?> CheckAsync(string server, MemcachedLink link)
    {
        for (var i = 0; i < Attempts; i++)
        {
            var (reply, text) = await link.AskTextAsync($"get {Key}");
            // Not known: what was known before goes on.
            if (reply is not (MemcachedReply.Hit or MemcachedReply.Miss)) return null;
            if (reply == MemcachedReply.Hit) return await JudgeAsync(server, link, text!);
            var added = await link.StoreTextAsync("add", Key, Value(_own), exptime: 0);
            if (added == MemcachedReply.Stored) return Note(server, null);
            if (added != MemcachedReply.NotStored) return null;
        }
        return null;
    }

    /// <summary>What a record says against this proxy; null when nothing. <paramref name="next"/> is what it should become, null when it is right.</summary>
    internal string? Judge(string value, out string? next)
    {
        next = null;
        var entries = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var theirs = entries.Select(FleetPlacement.Parse).OfType<FleetPlacement>().ToArray();
        var newest = entries.Select(FleetPlacement.FormatOf).DefaultIfEmpty(FleetPlacement.Format).Max();
        var isKnown = _own.Any(theirs.Contains);
        if (newest > FleetPlacement.Format)
        {
            // A newer version that moves away from this format leaves it in the record while both may run, and takes it out in the end.
            return isKnown ? null : $"{Key} is of format {newest}, which a newer version of this program wrote; this one knows {FleetPlacement.Format}";
        }
        if (theirs.Length == 0) return $"what {Key} holds cannot be read";
        if (!isKnown)
        {
            var other = theirs.FirstOrDefault(placement => placement.KeyPrefix == _own[^1].KeyPrefix) ?? theirs[^1];
            return _own[^1].DifferenceTo(other);
        }
        // A fleet begins to move, or one that has moved leaves the old behind.
        if (_own.Length > 1 && !theirs.Contains(_own[^1])) next = Value(_own);
        else if (_own.Length == 1 && theirs.Length > 1 && theirs[^1] == _own[0]) next = Value(_own);
        return null;
    }

    internal static string Value(IEnumerable<FleetPlacement> placements) => string.Join(' ', placements);

    private async Task<string?> JudgeAsync(string server, MemcachedLink link, string reply)
    {
        var lines = reply.Split("\r\n");
        var problem = Judge(lines.Length > 1 ? lines[1] : "", out var next);
        if (next is not null) await link.StoreTextAsync("set", Key, next, exptime: 0);
        return Note(server, problem);
    }

    private string? Note(string server, string? problem)
    {
        if (problem is null)
        {
            _problems.TryRemove(server, out _);
            return null;
        }
        var isNew = !_problems.TryGetValue(server, out var before) || before != problem;
        _problems[server] = problem;
        return isNew ? problem : null;
    }
}
