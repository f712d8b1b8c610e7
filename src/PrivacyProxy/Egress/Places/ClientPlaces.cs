using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;
using PrivacyProxy.Egress.Pools;

namespace PrivacyProxy.Egress.Places;

/// <summary>Says which hint counts for a client: its own, that of the hop before it, or that of the network it comes from.</summary>
internal sealed class ClientPlaces(IOptions<EgressOptions> options, TimeProvider time)
{
    private readonly Derived<EgressOptions, Rules> _rules = new(() => options.Value, static options => new Rules(options.Places));

    /// <summary>The hint that counts; null for none.</summary>
    /// <param name="client">Where the request comes from; null where that is not known.</param>
    /// <param name="hint">What the client sent, null without.</param>
    public string? Of(IPAddress? client, string? hint)
    {
        var rules = _rules.Value;
        // A hint that cannot be read is none.
        if (rules.ClientsChoose && (rules.Table.IsEmpty || GeohashHint.TrySplit(hint, out _, out _))) return hint;
        if (hint is not null && rules.Secret is { } secret && PlaceProof.Check(hint, secret, time.GetUtcNow()) is { } proven) return proven;
        return client is null ? null : rules.Table.Find(client);
    }

    /// <summary>What a client is told of the hint that counts; null for nothing.</summary>
    public string? Tell(string? place)
    {
        var rules = _rules.Value;
        if (!rules.TellClients || place is null) return null;
        return rules.Secret is { } secret ? PlaceProof.Add(place, secret, time.GetUtcNow()) : place;
    }

    private sealed class Rules(PlaceOptions options)
    {
        public PlaceTable Table { get; } = options.Table;

        public bool ClientsChoose { get; } = options.ClientsChoose;

        public bool TellClients { get; } = options.TellClients;

        public byte[]? Secret { get; } = options.Secret is { } secret ? Encoding.UTF8.GetBytes(secret) : null;
    }
}
