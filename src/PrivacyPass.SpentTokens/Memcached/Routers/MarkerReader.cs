using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>
/// Looks at one marker over a connection, and writes it where it is missing. That a <c>get</c> finds nothing proves nothing:
/// mcrouter says so of a server it does not reach. Only an <c>add</c> that was done proves that the marker was gone.
/// </summary>
internal static class MarkerReader
{
    /// <summary>Two proxies may find it missing at once: then the second reads what the first wrote.</summary>
    private const int Attempts = 3;

    public static async Task<MarkerLook> LookAsync(MemcachedLink link, string key, TimeProvider time)
    {
        for (var i = 0; i < Attempts; i++)
        {
            var (reply, text) = await link.AskTextAsync($"get {key}");
            if (reply is not (MemcachedReply.Hit or MemcachedReply.Miss)) return Failed(reply);
            if (!NodeEpoch.TryRead(text!, out var epoch)) return MarkerLook.Away;
            if (epoch is not null) return new MarkerLook(MarkerLookKind.Seen, epoch);
            var created = NodeEpoch.Create(time.GetUtcNow());
            var added = await link.AddTextAsync(key, created.Value, exptime: 0);
            if (added == MemcachedReply.Stored) return new MarkerLook(MarkerLookKind.Seen, created, IsNew: true);
            if (added != MemcachedReply.NotStored) return Failed(added);
        }
        return MarkerLook.Away;
    }

    private static MarkerLook Failed(MemcachedReply reply) => reply == MemcachedReply.Failed ? MarkerLook.Away : MarkerLook.None;
}
