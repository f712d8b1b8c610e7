using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>How an issuer answers.</summary>
public sealed class PrivacyPassIssuerOptions
{
    /// <summary>Where the keys are kept and how long they live.</summary>
    public IssuerKeyRingOptions Keys { get; } = new();

    /// <summary>The path that takes token requests, from the root of the server. Default: /token-request.</summary>
    public string RequestPath { get; set; } = "/token-request";

    /// <summary>The "issuer-request-uri" of the directory, where it is not <see cref="RequestPath"/>: behind a path base, or an attester's address.</summary>
    public Uri? RequestUri { get; set; }

    /// <summary>How long caches may keep the directory. Default: 5 minutes.</summary>
    public TimeSpan DirectoryMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many requests are signed at a time. Default: the number of processors.</summary>
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>How many requests may wait to be signed before more are refused with 503. Default: 512.</summary>
    public int MaxQueued { get; set; } = 512;

    /// <summary>The most tokens of one batch request; 0 takes none, and the directory says so. Default: 100.</summary>
    public int MaxBatch { get; set; } = 100;

    /// <summary>Which extensions are signed, where a type with public metadata is issued.</summary>
    public TokenExtensionOptions Extensions { get; } = new();

    /// <summary>What is wrong with the options, one sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [.. Keys.Validate().Select(error => "Keys:" + error)];
        if (!RequestPath.StartsWith('/') || RequestPath.AsSpan().ContainsAny("{}?#")) errors.Add("RequestPath must be an absolute path without query or parameters.");
        if (DirectoryMaxAge < TimeSpan.Zero || DirectoryMaxAge > TimeSpan.FromDays(1)) errors.Add("DirectoryMaxAge must be 0 to 1 day.");
        else if (DirectoryMaxAge > Keys.PublishAhead && Keys.PublishAhead > TimeSpan.Zero) errors.Add("DirectoryMaxAge must not exceed Keys:PublishAhead, or caches learn of a key too late.");
        if (MaxConcurrency is < 1 or > 1024) errors.Add("MaxConcurrency must be 1 to 1024.");
        if (MaxQueued is < 0 or > 100_000) errors.Add("MaxQueued must be 0 to 100000.");
        if (MaxBatch is < 0 or > 1000) errors.Add("MaxBatch must be 0 to 1000.");
        errors.AddRange(Extensions.Validate().Select(error => "Extensions:" + error));
        return errors;
    }
}
