using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>Reads a server's epoch, and writes one where there is none.</summary>
internal sealed class NodeMarker(string keyPrefix, TimeProvider time)
{
    /// <summary>Two proxies may find it missing at once: then the second reads what the first wrote.</summary>
    private const int Attempts = 3;

    private readonly string _key = keyPrefix + NodeEpoch.KeySuffix;

    /// <returns>The epoch; null when the server does not answer or cannot store one.</returns>
    public async Task<NodeEpoch?> ReadAsync(MemcachedLink link)
    {
        for (var i = 0; i < Attempts; i++)
        {
            if (await link.ReadTextAsync($"get {_key}") is not { } reply || !NodeEpoch.TryRead(reply, out var epoch)) return null;
            if (epoch is not null) return epoch;
            var created = NodeEpoch.Create(time.GetUtcNow());
            // What counts is what the server holds: read it back.
            if (await link.AddTextAsync(_key, created.Value, exptime: 0) is not (MemcachedReply.Stored or MemcachedReply.NotStored)) return null;
        }
        return null;
    }
}
