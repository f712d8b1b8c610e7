namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>What challenges say besides issuer and type.</summary>
/// <param name="OriginInfo">The names of the servers that tokens are for; empty for any.</param>
/// <param name="Contexts">The redemption contexts; null for none.</param>
/// <param name="Grease">Whether a challenge of a reserved type is among them, which clients must skip (RFC 9577, section 6.2.1).</param>
internal sealed record ChallengeSettings(string OriginInfo, RedemptionContexts? Contexts = null, bool Grease = false)
{
    /// <summary>Why the settings of a window cannot be used, in words that follow "expected"; null when they can.</summary>
    public static (string Problem, bool IsOfSecret)? ProblemOf(TimeSpan? window, string? secret) => (window, secret) switch
    {
        ({ } time, _) when time < TimeSpan.FromMinutes(2) || time > TimeSpan.FromDays(30) => ("00:02:00 to 30.00:00:00, or nothing for none", false),
        (not null, { Length: >= RedemptionContexts.ShortestSecret }) or (null, null) => null,
        (not null, _) => ($"a secret of at least {RedemptionContexts.ShortestSecret} characters that all servers with these challenges share", true),
        _ => ("nothing without a window", true),
    };
}
