using System.Collections.Concurrent;
using System.Net;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Name servers that did not answer in time: asked last until they do. Now and then one is tried beside a query that need not wait for it.</summary>
internal sealed partial class SilentServers(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan _tryAgainAfter = TimeSpan.FromSeconds(30);

    // When to try each again, in the clock's timestamps.
    private readonly ConcurrentDictionary<IPEndPoint, long> _tryAt = new();

    /// <summary>The servers in the order to ask: those that answer first, each part in the given order.</summary>
    public IEnumerable<IPEndPoint> Order(IPEndPoint[] servers) =>
        _tryAt.IsEmpty ? servers : servers.Where(server => !_tryAt.ContainsKey(server)).Concat(servers.Where(_tryAt.ContainsKey));

    /// <summary>Those to try beside a query, each for one caller only; none while there is no other to ask.</summary>
    public IEnumerable<IPEndPoint> TakeDue(IPEndPoint[] servers)
    {
        if (_tryAt.IsEmpty || servers.All(_tryAt.ContainsKey)) yield break;
        foreach (var server in servers)
            if (_tryAt.TryGetValue(server, out var at) && time.GetTimestamp() >= at && _tryAt.TryUpdate(server, NextTry(), at)) yield return server;
    }

    public void NotAnswered(IPEndPoint server)
    {
        if (_tryAt.TryAdd(server, NextTry())) LogSilent(server);
        else _tryAt.TryUpdate(server, NextTry(), _tryAt.GetValueOrDefault(server));
    }

    public void Answered(IPEndPoint server)
    {
        if (!_tryAt.IsEmpty && _tryAt.TryRemove(server, out _)) LogBack(server);
    }

    private long NextTry() => time.GetTimestamp() + (long)(_tryAgainAfter.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(EventId = 2501, Level = LogLevel.Warning, Message = "Name server {Server} does not answer; it is asked last until it does.")]
    private partial void LogSilent(IPEndPoint server);

    [LoggerMessage(EventId = 2502, Level = LogLevel.Information, Message = "Name server {Server} answers again.")]
    private partial void LogBack(IPEndPoint server);
}
