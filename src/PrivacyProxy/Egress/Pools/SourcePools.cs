using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Egress.Pools;

/// <summary>Chooses the source addresses for a hint: the longest geohash prefix, else the country, else the default.</summary>
internal sealed class SourcePools
{
    private readonly Derived<EgressOptions, Table> _table;

    /// <param name="options">The options in force, which may change.</param>
    public SourcePools(IOptions<EgressOptions> options) => _table = new(() => options.Value, static options => new Table(options));

    /// <summary>Never fails: a hint that is absent, malformed or of nowhere gets the default.</summary>
    /// <param name="hint">What the client says.</param>
    /// <param name="country">What its issuer has signed; where that is known, the hint does not count.</param>
    public SourcePool Choose(string? hint, string? country = null)
    {
        var table = _table.Value;
        if (country is not null) return table.OfCountry(country);
        if (table.IsEmpty || !GeohashHint.TrySplit(hint, out var geohash, out var hinted)) return table.Default;
        Span<char> key = stackalloc char[GeohashHint.MaxGeohashLength + 3];
        for (var length = Math.Min(geohash.Length, table.Longest); length >= 0; length--)
        {
            // The place within the named country first; a prefix of another country is a wrong hint and does not match.
            geohash[..length].CopyTo(key);
            key[length] = '-';
            hinted.CopyTo(key[(length + 1)..]);
            if (table.Lookup.TryGetValue(key[..(length + 3)], out var pool)) return pool;
            if (length > 0 && table.Lookup.TryGetValue(key[..(length + 1)], out pool)) return pool;
        }

        return table.Default;
    }

    /// <summary>The options, ready to be looked up.</summary>
    private sealed class Table
    {
        public Table(EgressOptions options)
        {
            var pools = options.Pools.ToFrozenDictionary( // by geohash-CC, geohash-, -CC
                static pool => $"{pool.Geohash}-{pool.Country}",
                static pool => new SourcePool(pool.Addresses.Select(IPAddress.Parse)),
                StringComparer.OrdinalIgnoreCase);
            IsEmpty = pools.Count == 0;
            Lookup = pools.GetAlternateLookup<ReadOnlySpan<char>>();
            Longest = options.Pools.Max(static pool => pool.Geohash?.Length) ?? 0;
            Default = pools.GetValueOrDefault("-", SourcePool.System);
        }

        public SourcePool OfCountry(string country) => GeohashHint.IsCountry(country) && Lookup.TryGetValue($"-{country}", out var pool) ? pool : Default;

        public bool IsEmpty { get; }

        public FrozenDictionary<string, SourcePool>.AlternateLookup<ReadOnlySpan<char>> Lookup { get; }

        public SourcePool Default { get; }

        public int Longest { get; }
    }
}
