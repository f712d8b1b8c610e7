using System.Net;

namespace PrivacyPass.AspNetCore.Issuance.Extensions;

/// <summary>Where networks are (RFC 8805): read once, the most specific one counts.</summary>
internal sealed class Geofeed
{
    // By length of the prefix, the longest first: a look-up is one for each length.
    private readonly (int Length, Dictionary<IPNetwork, string> Hints)[] _byLength;

    private Geofeed(IEnumerable<(IPNetwork Network, string Hint)> entries) =>
        _byLength =
        [
            .. entries.GroupBy(static entry => entry.Network.PrefixLength).OrderByDescending(static group => group.Key)
                .Select(static group => (group.Key, group.GroupBy(static entry => entry.Network).ToDictionary(static same => same.Key, static same => same.Last().Hint))),
        ];

    /// <summary>Reads a file. A line that is no entry is left out, as RFC 8805, section 2.1 wants it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Geofeed Read(string file) => Parse(File.ReadLines(file));

    public static Geofeed Parse(IEnumerable<string> lines) => new(lines.Select(ParseLine).OfType<(IPNetwork, string)>());

    /// <summary>The hint for an address such as <c>US,US-AL,ALABASTER</c>; null where the feed says nothing.</summary>
    public string? Find(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (var (length, hints) in _byLength)
            if (length <= address.GetAddressBytes().Length * 8 && hints.TryGetValue(Network(address, length), out var hint)) return hint;
        return null;
    }

    private static (IPNetwork, string)? ParseLine(string line)
    {
        var fields = line.Split(',');
        if (line.StartsWith('#') || fields.Length < 4) return null;
        var prefix = fields[0].Trim();
        IPNetwork network;
        if (prefix.Contains('/'))
        {
            if (!IPNetwork.TryParse(prefix, out network)) return null;
        }
        else
        {
            if (!IPAddress.TryParse(prefix, out var address)) return null;
            network = Network(address, address.GetAddressBytes().Length * 8);
        }

        var place = fields[1..4].Select(static field => field.Trim().ToUpperInvariant()).ToArray();
        return place[0].Length == 2 && place.All(IsPrintable) ? (network, string.Join(',', place)) : null;
    }

    private static bool IsPrintable(string text) => text.All(static c => c is >= ' ' and <= '~');

    private static IPNetwork Network(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++) bytes[i] &= (byte)(0xFF00 >> Math.Clamp(length - (8 * i), 0, 8));
        return new IPNetwork(new IPAddress(bytes), length);
    }
}
