using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using PrivacyPass.AspNetCore.Attestation.Quotas;
using PrivacyPass.AspNetCore.Forwarding;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Commands.Attester;

/// <summary>What an attester counts: by how clients were known, never by which.</summary>
internal sealed class AttesterMetrics : IIssuanceMetrics, IIssuerLinkMetrics
{
    private const string Nobody = "none";

    private static readonly double[] _seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

    private readonly CounterFamily _requests;
    private readonly HistogramFamily _issuer;
    private readonly ConcurrentDictionary<string, long> _tokens = new(StringComparer.Ordinal);

    public AttesterMetrics(ProxyMeter meter)
    {
        _requests = meter.Counter("privacy_attester_requests_total", "Requests for tokens, by how the client was known and the status of the answer.", "attestation", "status");
        _issuer = meter.Histogram("privacy_attester_issuer_seconds", "s", "How long the issuer took to answer, by the status passed on.", _seconds, "status");
        meter.ObservedCounter("privacy_attester_tokens_total", null, "Tokens issued, by how the client was known.", Tokens, "attestation");
    }

    public void Issued(HttpContext context, int tokens) => _tokens.AddOrUpdate(KindOf(context), tokens, (_, before) => before + tokens);

    public void Answered(HttpContext context) => _requests.Increment(KindOf(context), Text(context.Response.StatusCode));

    public void Answered(TimeSpan elapsed, int status) => _issuer.With(Text(status)).Record(elapsed.TotalSeconds);

    private static string KindOf(HttpContext context) => context.Features.Get<TokenHolder>()?.Kind ?? Nobody;

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<Measurement<long>> Tokens() => _tokens.Select(static pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("attestation", pair.Key)));
}
