using System.Net;
using Microsoft.Extensions.Options;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Asks the name servers in turn until one knows: timeouts, unreadable answers and server failures lead to the next.</summary>
internal sealed class DnsClient(IOptions<EgressOptions> options, SystemNames system, TimeProvider time)
{
    private readonly ResolverOptions _options = options.Value.Resolver;

    /// <summary>Ends within Attempts x servers x Timeout.</summary>
    /// <returns>The answer (addresses, an empty one or NXDOMAIN); else the last failure; null when no server answered at all.</returns>
    public async Task<DnsResponse?> QueryAsync(string name, DnsRecordType type)
    {
        DnsResponse? failure = null;
        var buffer = new byte[DnsQuery.MaxLength];
        for (var attempt = 0; attempt < _options.Attempts; attempt++)
        {
            foreach (var server in system.Servers)
            {
                // A new id for each query: an answer that comes late is of no use to anyone.
                if (!DnsQuery.TryWrite(name, type, _options.RandomizeCase, buffer, out var length))
                    return new DnsResponse(DnsResponseKind.Answer, DnsRcode.NameError, [], 0);
                switch (await AskAsync(server, buffer.AsMemory(0, length)))
                {
                    case { Kind: DnsResponseKind.Answer, Rcode: DnsRcode.NoError or DnsRcode.NameError } answer:
                        return answer;
                    case { Kind: DnsResponseKind.Answer } refused:
                        failure = refused;
                        break;
                    case not null:
                        failure = new DnsResponse(DnsResponseKind.Answer, DnsRcode.ServerFailure, [], 0);
                        break;
                }
            }
        }

        return failure;
    }

    private async ValueTask<DnsResponse?> AskAsync(IPEndPoint server, ReadOnlyMemory<byte> query)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, time);
        try
        {
            return await DnsExchange.AskAsync(server, query, _options.RandomizeCase, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
