using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Policy;

namespace PrivacyProxy.Egress;

/// <summary>Refuses a configuration that cannot work, naming the key, the value and what is allowed.</summary>
internal sealed class EgressOptionsValidator : IValidateOptions<EgressOptions>
{
    private const string Prefix = EgressOptions.SectionName + ":";

    public ValidateOptionsResult Validate(string? name, EgressOptions options)
    {
        var failures = new List<string>();
        if (!PortSet.TryParse(options.AllowedPorts, out _))
            Add(failures, nameof(options.AllowedPorts), options.AllowedPorts, "'any' or port numbers from 1 to 65535 separated by commas");
        CheckPrefixes(failures, nameof(options.Deny), options.Deny);
        CheckPrefixes(failures, nameof(options.Allow), options.Allow);
        CheckTime(failures, nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        CheckTime(failures, nameof(options.ResolutionDelay), options.ResolutionDelay, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        CheckTime(failures, nameof(options.ConnectionAttemptDelay), options.ConnectionAttemptDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(2));
        if (options.KeepAliveTime != TimeSpan.Zero)
            CheckTime(failures, nameof(options.KeepAliveTime), options.KeepAliveTime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(9));
        CheckResolver(failures, options.Resolver);
        CheckPools(failures, options.Pools);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckResolver(List<string> failures, ResolverOptions resolver)
    {
        const string section = nameof(EgressOptions.Resolver) + ":";
        for (var i = 0; i < resolver.Servers.Count; i++)
        {
            if (!IPEndPoint.TryParse(resolver.Servers[i] ?? "", out _))
                Add(failures, $"{section}{nameof(resolver.Servers)}:{i}", resolver.Servers[i], "an address, optionally with a port, such as 9.9.9.9, 127.0.0.1:5353 or [2620:fe::fe]:53");
        }

        CheckTime(failures, section + nameof(resolver.Timeout), resolver.Timeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        CheckNumber(failures, section + nameof(resolver.Attempts), resolver.Attempts, 1, 5);
        CheckTime(failures, section + nameof(resolver.MaximumTtl), resolver.MaximumTtl, TimeSpan.Zero, TimeSpan.FromDays(7));
        CheckTime(failures, section + nameof(resolver.MinimumTtl), resolver.MinimumTtl, TimeSpan.Zero, resolver.MaximumTtl);
        CheckTime(failures, section + nameof(resolver.MaximumNegativeTtl), resolver.MaximumNegativeTtl, TimeSpan.Zero, TimeSpan.FromHours(3));
        CheckNumber(failures, section + nameof(resolver.CacheEntries), resolver.CacheEntries, 1, 10_000_000);
        CheckNumber(failures, section + nameof(resolver.ConcurrentQueries), resolver.ConcurrentQueries, 1, 100_000);
    }

    private static void CheckPools(List<string> failures, IList<PoolOptions> pools)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < pools.Count; i++)
        {
            var (pool, key) = (pools[i], $"{nameof(EgressOptions.Pools)}:{i}");
            if (pool.Geohash is not null && !Pools.GeohashHint.IsGeohash(pool.Geohash))
                Add(failures, $"{key}:{nameof(pool.Geohash)}", pool.Geohash, "1 to 12 geohash characters: digits and letters without a, i, l, o");
            if (pool.Country is not null && !Pools.GeohashHint.IsCountry(pool.Country))
                Add(failures, $"{key}:{nameof(pool.Country)}", pool.Country, "two letters such as JP");
            if (!seen.Add($"{pool.Geohash}-{pool.Country}"))
                Add(failures, key, $"{pool.Geohash}-{pool.Country}", "each pair of Geohash and Country once; put all its addresses in one pool");
            if (pool.Addresses.Count == 0)
                Add(failures, $"{key}:{nameof(pool.Addresses)}", "", "at least one local address");
            for (var j = 0; j < pool.Addresses.Count; j++)
            {
                if (!AddressPrefix.TryParseAddress(pool.Addresses[j] ?? "", out _))
                    Add(failures, $"{key}:{nameof(pool.Addresses)}:{j}", pool.Addresses[j], "an IPv4 or IPv6 address of this machine");
            }
        }
    }

    private static void CheckPrefixes(List<string> failures, string key, IList<string> prefixes)
    {
        for (var i = 0; i < prefixes.Count; i++)
        {
            if (!AddressPrefix.TryParse(prefixes[i], out _))
                Add(failures, $"{key}:{i}", prefixes[i], "a CIDR prefix such as 203.0.113.0/24 or 2001:db8::/32, or one address");
        }
    }

    private static void CheckTime(List<string> failures, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most) Add(failures, key, value.ToString("c"), $"a time from {least:c} to {most:c}");
    }

    private static void CheckNumber(List<string> failures, string key, int value, int least, int most)
    {
        if (value < least || value > most) Add(failures, key, value.ToString(), $"a number from {least} to {most}");
    }

    private static void Add(List<string> failures, string key, string? value, string allowed) =>
        failures.Add($"{Prefix}{key} is '{value}'; allowed: {allowed}.");
}
