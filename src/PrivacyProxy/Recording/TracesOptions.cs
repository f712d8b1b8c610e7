using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Recording;

/// <summary>Traces: section <c>PrivacyProxy:Telemetry:Traces</c>; everything here may change while the proxy runs.</summary>
internal sealed class TracesOptions : IValidatableObject
{
    /// <summary>Whether spans are made at all.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The share of tunnel requests whose trace is kept whatever happens, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double Ratio { get; set; } = 0.01;

    /// <summary>Keeps the trace of every request that failed inside the proxy or for lack of its store or destination.</summary>
    public bool KeepErrors { get; set; } = true;

    /// <summary>Keeps the trace of every request whose look-up or spend took longer; zero keeps none for that.</summary>
    public TimeSpan SlowCheckThreshold { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The upstream hops, as addresses or CIDR prefixes, whose <c>traceparent</c> is taken; from all others it is ignored.</summary>
    public IList<string> TrustContextFrom { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SlowCheckThreshold < TimeSpan.Zero || SlowCheckThreshold > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("00:00:00 to 00:01:00", [nameof(SlowCheckThreshold)]);
        for (var i = 0; i < TrustContextFrom.Count; i++)
            if (!AddressPrefix.TryParse(TrustContextFrom[i], out _))
                yield return new ValidationResult("an address or a CIDR prefix, such as 192.0.2.0/24", [$"{nameof(TrustContextFrom)}:{i}"]);
    }
}
