using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Asks the name servers, and goes on to the names that answers lead to.</summary>
internal sealed class DnsClient(IOptions<EgressOptions> options, SystemNames system, TimeProvider time, ILogger<DnsClient>? logger = null)
{
    /// <summary>Of aliases that the servers do not follow themselves.</summary>
    private const int MaxAliases = 8;

    private readonly ResolverOptions _options = options.Value.Resolver;
    private readonly SilentServers _silent = new(time, logger ?? NullLogger<DnsClient>.Instance);

    /// <summary>Ends within Attempts x servers x Timeout, for each name of a chain of aliases.</summary>
    /// <returns>The answer (addresses, an empty one or NXDOMAIN); else the last failure; null when no server answered at all.</returns>
    public async Task<DnsResponse?> QueryAsync(string name, DnsRecordType type)
    {
        var ttl = uint.MaxValue;
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            var response = await new DnsRace(name, type, _options, _silent, time).RunAsync(system.Servers);
            if (response is not { } answer) return null;
            ttl = Math.Min(ttl, answer.Ttl);
            if (answer.Alias is null) return answer with { Ttl = ttl };
            name = answer.Alias;
        }

        return DnsResponse.Failed(DnsRcode.ServerFailure);
    }
}
