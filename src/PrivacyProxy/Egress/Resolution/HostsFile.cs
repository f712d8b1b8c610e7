using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>/etc/hosts: lines of an address and its names (hosts(5)).</summary>
internal sealed class HostsFile
{
    public const string SystemPath = "/etc/hosts";

    public static readonly HostsFile None = new([]);

    private readonly Dictionary<DnsKey, AddressAnswer> _answers;

    private HostsFile(Dictionary<DnsKey, AddressAnswer> answers) => _answers = answers;

    /// <summary>The answer for a name the file knows, in either family; null for other names.</summary>
    public AddressAnswer? Resolve(string name, AddressFamily family) => _answers.GetValueOrDefault(new DnsKey(name, family));

    /// <summary>Reads what can be read; lines that make no sense are passed over.</summary>
    public static HostsFile Parse(IEnumerable<string> lines)
    {
        var addresses = new Dictionary<DnsKey, List<IPAddress>>();
        foreach (var line in lines)
        {
            var comment = line.IndexOf('#');
            var words = (comment < 0 ? line : line[..comment]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address)) continue;
            foreach (var name in words.Skip(1))
            {
                // Both families get an entry: a name in the file is not asked for elsewhere.
                foreach (var family in (ReadOnlySpan<AddressFamily>)[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
                {
                    var key = new DnsKey(name.TrimEnd('.').ToLowerInvariant(), family);
                    if (!addresses.TryGetValue(key, out var list)) addresses[key] = list = [];
                    if (address.AddressFamily == family) list.Add(address);
                }
            }
        }

        return new HostsFile(addresses.ToDictionary(pair => pair.Key, pair => AddressAnswer.Of([.. pair.Value])));
    }
}
