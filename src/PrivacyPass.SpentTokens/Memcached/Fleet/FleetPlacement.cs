using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PrivacyPass.SpentTokens.Memcached.Fleet;

/// <summary>What decides where a token is looked for: proxies that differ in it would each accept the same token.</summary>
/// <param name="Replicas">On how many servers each token is.</param>
/// <param name="Topology">Whether the servers are routers.</param>
/// <param name="Count">How many servers there are.</param>
/// <param name="Servers">A hash of the list of servers.</param>
/// <param name="KeyPrefix">What keys begin with.</param>
/// <param name="Markers">Of routers, how many markers there are, each the tag of a part of the keys; 0 for keys without tags.</param>
internal sealed record FleetPlacement(int Replicas, MemcachedTopology Topology, int Count, string Servers, string KeyPrefix, int Markers = 0)
{
    /// <summary>
    /// The number of the format: of this text, of tokens' keys and of what lies under them. A version that reads or writes any of it otherwise
    /// has a higher one and writes it in front of the placement, as in <c>v2:</c>, so that older ones stop.
    /// </summary>
    public const int Format = 1;

    private const int Fields = 5;
    private const int HashDigits = 16;

    public static FleetPlacement Of(MemcachedOptions options)
    {
        var names = options.Endpoints.Select(static endpoint => endpoint.ToString()).ToArray();
        // Each proxy may have a router of its own: what counts is what lies behind it, which the markers tell.
        var list = options.Topology == MemcachedTopology.Router && names.Length == 1 ? "a router" : string.Join('\n', names);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list)))[..HashDigits];
        return new FleetPlacement(options.Replicas, options.Topology, names.Length, hash, options.KeyPrefix, options.KeyTags);
    }

    /// <summary>The number of the format that something was written in.</summary>
    public static int FormatOf(string text) =>
        text.StartsWith('v') && int.TryParse(text.AsSpan(1, Math.Max(0, text.IndexOf(':', StringComparison.Ordinal) - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out var format) ? format : Format;

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static FleetPlacement? Parse(string text)
    {
        var fields = text.Split(':', Fields);
        if (fields.Length != Fields) return null;
        // Proxies that know no tags write the topology alone, and cannot read it with the number of markers behind.
        var kind = fields[1].Split('/', 2);
        var markers = 0;
        return int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var replicas)
            && Enum.TryParse<MemcachedTopology>(kind[0], out var topology)
            && (kind.Length == 1 || int.TryParse(kind[1], NumberStyles.None, CultureInfo.InvariantCulture, out markers))
            && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new FleetPlacement(replicas, topology, count, fields[3], fields[4], markers)
            : null;
    }

    /// <summary>The settings in which another one differs, in words.</summary>
    public string DifferenceTo(FleetPlacement other)
    {
        List<string> settings = [];
        if (KeyPrefix != other.KeyPrefix) settings.Add($"KeyPrefix (here {KeyPrefix}, there {other.KeyPrefix})");
        if (Replicas != other.Replicas) settings.Add($"Replicas (here {Replicas}, there {other.Replicas})");
        if (Topology != other.Topology) settings.Add($"Topology (here {Topology}, there {other.Topology})");
        else if (Markers != other.Markers) settings.Add($"Markers (here {Named(Markers)}, there {Named(other.Markers)})");
        if (Count != other.Count) settings.Add($"Servers (here {Count}, there {other.Count} of them)");
        else if (Servers != other.Servers) settings.Add("Servers (as many, but others or spelt otherwise)");
        return string.Join(", ", settings);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Replicas}:{Topology}{(Markers > 0 ? $"/{Markers}" : "")}:{Count}:{Servers}:{KeyPrefix}");

    private static string Named(int markers) => markers > 0 ? markers.ToString(CultureInfo.InvariantCulture) : "0: keys without tags";
}
