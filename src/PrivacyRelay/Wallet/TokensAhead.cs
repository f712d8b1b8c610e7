namespace PrivacyRelay.Wallet;

/// <summary>How many tokens a wallet holds: below <paramref name="Low"/> it fetches up to <paramref name="High"/>.</summary>
internal readonly record struct TokensAhead(int Low, int High);
