using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace PrivacyPass.PartiallyBlindRsa;

/// <summary>Keys derived for metadata, kept for the next with the same: many clients share few. What is left out is freed by its finalizers. Safe for concurrent use.</summary>
internal sealed class RecentKeys<T>
    where T : class
{
    // Who sends metadata of his own choice must not fill memory.
    private const int Most = 64;

    private readonly ConcurrentDictionary<string, T> _keys = new(StringComparer.Ordinal);

    internal T Get(ReadOnlySpan<byte> metadata, Func<byte[], T> derive)
    {
        var name = Convert.ToHexString(SHA256.HashData(metadata));
        if (_keys.TryGetValue(name, out var known)) return known;
        if (_keys.Count >= Most) _keys.Clear();
        return _keys.GetOrAdd(name, static (_, state) => state.derive(state.metadata), (derive, metadata: metadata.ToArray()));
    }
}
