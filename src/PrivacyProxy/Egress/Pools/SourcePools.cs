using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Options;

namespace PrivacyProxy.Egress.Pools;

/// <summary>Chooses the source addresses for a hint: the longest geohash prefix, else the country, else the default.</summary>
internal sealed class SourcePools
{
    private readonly FrozenDictionary<string, SourcePool> _pools; // by geohash-CC, geohash-, -CC
    private readonly FrozenDictionary<string, SourcePool>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly SourcePool _default;
    private readonly int _longest;

    public SourcePools(IOptions<EgressOptions> options)
    {
        _pools = options.Value.Pools.ToFrozenDictionary(
            pool => $"{pool.Geohash}-{pool.Country}",
            pool => new SourcePool(pool.Addresses.Select(IPAddress.Parse)),
            StringComparer.OrdinalIgnoreCase);
        _lookup = _pools.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = options.Value.Pools.Max(pool => pool.Geohash?.Length) ?? 0;
        _default = _pools.GetValueOrDefault("-", SourcePool.System);
    }

    /// <summary>Never fails: a hint that is absent, malformed or of nowhere gets the default.</summary>
    public SourcePool Choose(string? hint)
    {
        if (_pools.Count == 0 || !GeohashHint.TrySplit(hint, out var geohash, out var country)) return _default;
        Span<char> key = stackalloc char[GeohashHint.MaxGeohashLength + 3];
        for (var length = Math.Min(geohash.Length, _longest); length >= 0; length--)
        {
            // The place within the named country first; a prefix of another country is a wrong hint and does not match.
            geohash[..length].CopyTo(key);
            key[length] = '-';
            country.CopyTo(key[(length + 1)..]);
            if (_lookup.TryGetValue(key[..(length + 3)], out var pool)) return pool;
            if (length > 0 && _lookup.TryGetValue(key[..(length + 1)], out pool)) return pool;
        }

        return _default;
    }
}
