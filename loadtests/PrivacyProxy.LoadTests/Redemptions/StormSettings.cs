using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary>The options of <c>replay</c> and <c>forged</c>.</summary>
/// <param name="Kind">What the bad requests are.</param>
/// <param name="Store">Which store.</param>
/// <param name="Callers">Requests at a time.</param>
/// <param name="Seconds">The longest that one line of the table is measured.</param>
/// <param name="TokensOfType1">Issued for each line; they are dear to make.</param>
/// <param name="TokensOfType2">Issued for each line.</param>
internal sealed record StormSettings(StormKind Kind, SpentTokenStoreKind Store, int Callers, double Seconds, int TokensOfType1, int TokensOfType2);
