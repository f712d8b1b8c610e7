using System.Security.Cryptography.X509Certificates;

namespace PrivacyPass.AspNetCore.Forwarding;

/// <summary>How an attester stands before its issuer.</summary>
public sealed class PrivacyPassAttesterOptions
{
    /// <summary>The issuer's URL, or that of its directory; must be set.</summary>
    public Uri? Issuer { get; set; }

    /// <summary>Where the issuer takes requests for tokens, where that is not what its directory says: it may name the attester.</summary>
    public Uri? IssuerRequestUri { get; set; }

    /// <summary>The path that takes token requests, from the root of the server; the one that the issuer's directory names. Default: /token-request.</summary>
    public string RequestPath { get; set; } = "/token-request";

    /// <summary>By what the issuer knows the attester, with its private key; null for an issuer that asks for none.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>The only authorities to trust for the issuer's certificate; empty for the system's.</summary>
    public X509Certificate2Collection IssuerAuthorities { get; } = [];

    /// <summary>How long the issuer may take to answer. Default: 15 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many requests are at the issuer at a time. Default: 256.</summary>
    public int MaxConcurrency { get; set; } = 256;

    /// <summary>How many requests may wait for that before more are refused with 503. Default: 512.</summary>
    public int MaxQueued { get; set; } = 512;

    /// <summary>The most tokens of one batch request; 0 takes none. Default: 100.</summary>
    public int MaxBatch { get; set; } = 100;

    /// <summary>
    /// A geofeed (RFC 8805: lines of PREFIX,COUNTRY,REGION,CITY,): a geographic hint is passed on where it is that of the client's own
    /// address, which the issuer does not see. Without one no hint is.
    /// </summary>
    public string? GeofeedFile { get; set; }

    /// <summary>What is wrong with the options, one sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        if (!IsHttp(Issuer)) errors.Add("Issuer must be an absolute http or https URL.");
        if (IssuerRequestUri is not null && !IsHttp(IssuerRequestUri)) errors.Add("IssuerRequestUri must be an absolute http or https URL.");
        if (!RequestPath.StartsWith('/') || RequestPath.AsSpan().ContainsAny("{}?#")) errors.Add("RequestPath must be an absolute path without query or parameters.");
        if (ClientCertificate is { HasPrivateKey: false }) errors.Add("ClientCertificate must have its private key.");
        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(5)) errors.Add("Timeout must be 0.1 seconds to 5 minutes.");
        if (MaxConcurrency is < 1 or > 10_000) errors.Add("MaxConcurrency must be 1 to 10000.");
        if (MaxQueued is < 0 or > 100_000) errors.Add("MaxQueued must be 0 to 100000.");
        if (MaxBatch is < 0 or > 1000) errors.Add("MaxBatch must be 0 to 1000.");
        return errors;
    }

    private static bool IsHttp(Uri? url) => url is { IsAbsoluteUri: true, Scheme: "http" or "https" };
}
