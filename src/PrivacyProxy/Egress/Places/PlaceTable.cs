using System.Net;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Places;

/// <summary>The places of networks; the longest prefix that holds an address says where it is.</summary>
internal sealed class PlaceTable
{
    /// <summary>About a kilometre: a finer place would tell a house from others.</summary>
    public const int MaxGeohashLength = 6;

    public static readonly PlaceTable Empty = new([]);

    // By length of the prefix, the longest first: a look-up is one for each length.
    private readonly (int Length, Dictionary<UInt128, string> Places)[] _byLength;

    private PlaceTable(Dictionary<int, Dictionary<UInt128, string>> places) =>
        _byLength = [.. places.OrderByDescending(static each => each.Key).Select(static each => (each.Key, each.Value))];

    public bool IsEmpty => _byLength.Length == 0;

    /// <summary>Reads a file; what is wrong with it, null if nothing is.</summary>
    public static string? TryRead(string file, out PlaceTable table)
    {
        table = Empty;
        try
        {
            return TryParse(File.ReadLines(file), out table);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "it cannot be read";
        }
    }

    /// <summary>Empty lines, and what follows a <c>#</c>, say nothing; every other line has to be right, as a place that is missing shows somebody elsewhere.</summary>
    public static string? TryParse(IEnumerable<string> lines, out PlaceTable table)
    {
        table = Empty;
        var places = new Dictionary<int, Dictionary<UInt128, string>>();
        // A hint is the same text for all who are there.
        var hints = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var text = line.AsSpan();
            if (text.IndexOf('#') is >= 0 and var comment) text = text[..comment];
            text = text.Trim();
            if (text.IsEmpty) continue;
            var comma = text.IndexOf(',');
            if (comma < 0 || !AddressPrefix.TryParse(text[..comma].Trim().ToString(), out var prefix)) return $"line {number} does not begin with a CIDR prefix and a comma";
            if (ReadHint(text[(comma + 1)..]) is not { } hint) return $"line {number} has no hint of 1 to {MaxGeohashLength} geohash characters, a hyphen and a country";
            if (!hints.TryGetValue(hint, out var same)) hints.Add(hint, same = hint);
            if (!places.TryGetValue(prefix.Length, out var ofLength)) places.Add(prefix.Length, ofLength = []);
            if (!ofLength.TryAdd(prefix.Network, same) && ofLength[prefix.Network] != same) return $"line {number} has another place for the prefix of a line before";
        }

        table = new PlaceTable(places);
        return null;
    }

    /// <summary>The hint for an address; null where the table says nothing.</summary>
    public string? Find(IPAddress address)
    {
        var bits = AddressBits.From(address);
        foreach (var (length, places) in _byLength)
            if (places.TryGetValue(AddressPrefix.NetworkOf(bits, length), out var hint)) return hint;
        return null;
    }

    /// <summary>As it is sent: the geohash in small letters, the country in capitals.</summary>
    private static string? ReadHint(ReadOnlySpan<char> text) =>
        GeohashHint.TrySplit(text, out var geohash, out var country) && geohash.Length <= MaxGeohashLength
            ? $"{geohash.ToString().ToLowerInvariant()}-{country.ToString().ToUpperInvariant()}"
            : null;
}
