namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>
/// Remembers spent tokens (RFC 9577, section 2.2.2). All servers that take the same challenge must share what they remember:
/// replace the in-memory default where there is more than one. Safe for concurrent use.
/// </summary>
public interface ITokenSpender
{
    /// <summary>Spends a token in one atomic step: of any number of calls for one token, at most one is ever told <see cref="TokenSpendResult.Spent"/>.</summary>
    ValueTask<TokenSpendResult> SpendAsync(SpendableToken token, CancellationToken cancellationToken);
}
