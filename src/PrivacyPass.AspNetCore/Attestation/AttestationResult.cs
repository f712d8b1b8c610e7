namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Whether a client may have a token, and what to answer when not.</summary>
public readonly record struct AttestationResult
{
    private AttestationResult(int status, string reason, string? authenticate, TimeSpan? retryAfter)
    {
        StatusCode = status;
        Reason = reason;
        Authenticate = authenticate;
        RetryAfter = retryAfter;
    }

    /// <summary>The client may have a token.</summary>
    public static AttestationResult Allowed { get; } = new(200, "", null, null);

    /// <summary>200, or the status of the refusal.</summary>
    public int StatusCode { get; }

    /// <summary>One sentence for the client; empty when allowed. It is sent, so it names no secret.</summary>
    public string Reason { get; }

    /// <summary>The WWW-Authenticate value of a 401; null otherwise.</summary>
    public string? Authenticate { get; }

    /// <summary>When to try again after a 429 or 503; null otherwise.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>True when the client may have a token.</summary>
    public bool IsAllowed => StatusCode == 200;

    /// <summary>401: the credentials are missing or unknown.</summary>
    /// <param name="authenticate">The WWW-Authenticate value.</param>
    /// <param name="reason">One sentence for the client.</param>
    public static AttestationResult Unauthenticated(string authenticate, string reason) => new(401, reason, authenticate, null);

    /// <summary>403: the client is known, or can never be, and gets no tokens.</summary>
    /// <param name="reason">One sentence for the client.</param>
    public static AttestationResult Forbidden(string reason) => new(403, reason, null, null);

    /// <summary>429: the quota of this window is used up.</summary>
    /// <param name="retryAfter">When the next window begins.</param>
    public static AttestationResult QuotaExceeded(TimeSpan retryAfter) => new(429, "The quota of this client is used up.", null, retryAfter);

    /// <summary>503: it cannot be decided now.</summary>
    /// <param name="retryAfter">When to try again.</param>
    /// <param name="reason">One sentence for the client.</param>
    public static AttestationResult Unavailable(TimeSpan retryAfter, string reason) => new(503, reason, null, retryAfter);
}
