using System.ComponentModel.DataAnnotations;
using System.Net;
using PrivacyProxy.LoadTests.Settings;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.LoadTests.Stall;

/// <summary>The options of <c>stall</c>.</summary>
internal sealed record StallSettings : IValidatableObject
{
    [Flag("HOST:PORT of a running memcached; without, one of its own is started.")]
    public string? Upstream { get; init; }

    [Flag("Loopback port to listen on; 0 lets the system choose."), Range(0, IPEndPoint.MaxPort)]
    public int Port { get; init; }

    /// <summary>Milliseconds.</summary>
    [Flag("How long each reply waits while it stalls.", Name = "--delay-ms"), Range(0.1, 60_000)]
    public double Delay { get; init; } = 40;

    [Flag("Ends by itself after so many seconds."), Range(0.1, 86_400)]
    public double Duration { get; init; } = 3_600;

    [Flag("Begins healthy: stalls once told to.")]
    public bool Healthy { get; init; }

    public MemcachedEndpoint? UpstreamEndpoint => Upstream is { } text && MemcachedEndpoint.TryParse(text, out var endpoint) ? endpoint : null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Upstream is not null && UpstreamEndpoint is null) yield return new("HOST:PORT", [nameof(Upstream)]);
    }
}
