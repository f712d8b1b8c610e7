using PrivacyPass.SpentTokens;

namespace PrivacyProxy.SpentTokens;

/// <summary>How double spends are prevented.</summary>
internal sealed class SpentTokenOptions : SpentTokenStoreOptions
{
    /// <summary>When a token is looked up; of no effect with <see cref="SpentTokenStoreKind.Memory"/> and <see cref="SpentTokenStoreKind.Sqlite"/>, which need no look-up.</summary>
    public SpendOrder Order { get; set; }
}
