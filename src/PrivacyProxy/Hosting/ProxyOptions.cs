using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Admission;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Egress;
using PrivacyProxy.Forwarding;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Listeners.Discovery;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Certificates;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Rates;

namespace PrivacyProxy.Hosting;

/// <summary>The section <c>PrivacyProxy</c>: everything the proxy can be told. Each key is described in docs/operators.md.</summary>
internal sealed class ProxyOptions : IValidatableObject
{
    public const string Section = "PrivacyProxy";

    /// <summary>Turns the management listener off.</summary>
    public const string NoManagement = "none";

    /// <summary>The authority clients reach the proxy by (port included unless 443); its name in Proxy-Status and in challenges.</summary>
    public string? Name { get; set; }

    /// <summary>Where the proxy listens.</summary>
    public IList<string> Urls { get; set; } = ["https://127.0.0.1:8443"];

    /// <summary>Where /healthz, /readyz and /metrics are served, or <c>none</c>.</summary>
    public string Management { get; set; } = "http://127.0.0.1:9090";

    public IList<IssuerOptions> Issuers { get; set; } = [];

    public KeyLogOptions KeyLog { get; set; } = new();

    public AuthenticationOptions Authentication { get; set; } = new();

    public SpentTokenOptions SpentTokens { get; set; } = new();

    public EgressOptions Egress { get; set; } = new();

    public ForwardingOptions Forwarding { get; set; } = new();

    public TunnelOptions Tunnels { get; set; } = new();

    public RateOptions Rates { get; set; } = new();

    public ConnectionOptions Connections { get; set; } = new();

    public ListenerOptions Listeners { get; set; } = new();

    public DiscoveryOptions Discovery { get; set; } = new();

    public TlsOptions Tls { get; set; } = new();

    public DrainOptions Drain { get; set; } = new();

    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary><see cref="Urls"/> parsed; valid ones only.</summary>
    public IEnumerable<ListenUrl> ListenUrls => Urls.Select(static text => ListenUrl.TryParse(text, out var url) ? url : null).OfType<ListenUrl>();

    /// <summary>The files that settings name and that are read again with them.</summary>
    public IEnumerable<string> Files => [.. Tls.Files, .. Authentication.ClientCertificates.Authorities, .. Egress.Places.Files];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Urls.Count == 0) yield return new ValidationResult("at least one URL to listen on", [nameof(Urls)]);
        for (var i = 0; i < Urls.Count; i++)
            if (!ListenUrl.TryParse(Urls[i], out _)) yield return new ValidationResult(ListenUrl.Expected, [$"{nameof(Urls)}:{i}"]);
        if (!string.Equals(Management, NoManagement, StringComparison.OrdinalIgnoreCase) && !(ListenUrl.TryParse(Management, out var management) && !management.Tls))
            yield return new ValidationResult("an http:// URL with an address and a port, or none", [nameof(Management)]);
        if (Name is not null && !Authority.IsValid(Name)) yield return new ValidationResult("a host name or address with an optional port, such as proxy.example:8443", [nameof(Name)]);
        if (Authentication.Required && Issuers.Count == 0 && Authentication.PresharedKeys.Count == 0 && Authentication.ClientCertificates.Use == ClientCertificateUse.Off)
            yield return new ValidationResult("at least one issuer or preshared key, or Authentication:ClientCertificates (or Authentication:Required=false, which lets everyone use the proxy)", [nameof(Issuers)]);
        var names = Issuers.Select(static issuer => issuer.Name).ToList();
        for (var i = 0; i < names.Count; i++)
            if (names.IndexOf(names[i]) < i) yield return new ValidationResult("a name that no other issuer has", [$"{nameof(Issuers)}:{i}:{nameof(IssuerOptions.Name)}"]);
    }
}
