using System.ComponentModel.DataAnnotations;
using System.Net;

namespace PrivacyProxy.Egress;

/// <summary>The DNS resolver: section <c>PrivacyProxy:Egress:Resolver</c>.</summary>
internal sealed class ResolverOptions : IValidatableObject
{
    /// <summary>Name servers as <c>ADDRESS</c>, <c>ADDRESS:PORT</c> or <c>[IPV6]:PORT</c>, in order of preference. Default: those of /etc/resolv.conf.</summary>
    public IList<string> Servers { get; set; } = [];

    /// <summary>How long one server is given for one query. Default: 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the list of servers is gone through, 1 to 5. Default: 2.</summary>
    [Range(1, 5)]
    public int Attempts { get; set; } = 2;

    /// <summary>Shortest time an answer is kept, whatever its TTL says. Default: 5 s.</summary>
    public TimeSpan MinimumTtl { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time an answer is kept. Default: 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan MaximumTtl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Longest time the absence of a name or record is kept (RFC 2308). Default: 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "03:00:00")]
    public TimeSpan MaximumNegativeTtl { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Answers kept; the ones not asked for lately go first. Default: 10,000.</summary>
    [Range(1, 10_000_000)]
    public int CacheEntries { get; set; } = 10_000;

    /// <summary>Queries under way at once; more wait. Default: 1,000.</summary>
    [Range(1, 100_000)]
    public int ConcurrentQueries { get; set; } = 1_000;

    /// <summary>Mixes the case of names in queries and demands it back, against spoofing; some servers cannot. Default: false.</summary>
    public bool RandomizeCase { get; set; }

    /// <summary>Reads /etc/hosts before asking servers. Default: true.</summary>
    public bool UseHostsFile { get; set; } = true;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < Servers.Count; i++)
            if (!IPEndPoint.TryParse(Servers[i] ?? "", out _))
                yield return new ValidationResult("an address, optionally with a port, such as 9.9.9.9, 127.0.0.1:5353 or [2620:fe::fe]:53", [$"{nameof(Servers)}:{i}"]);
        if (MinimumTtl < TimeSpan.Zero || MinimumTtl > MaximumTtl) yield return new ValidationResult("00:00:00 to MaximumTtl", [nameof(MinimumTtl)]);
    }
}
