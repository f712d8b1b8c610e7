namespace PrivacyRelay.Wallet;

/// <summary>Where a wallet gets its tokens.</summary>
internal interface ITokenSource
{
    /// <summary>Asks for <paramref name="count"/> tokens; at least one comes back or it throws.</summary>
    /// <exception cref="TokensUnavailableException">The issuer cannot be reached or refuses.</exception>
    Task<IReadOnlyList<HeldToken>> RequestAsync(ProxyChallenge challenge, int count, CancellationToken cancellationToken);
}
