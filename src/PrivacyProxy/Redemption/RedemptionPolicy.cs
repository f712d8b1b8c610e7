using PrivacyPass.Http;
using PrivacyProxy.Configuration;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.Redemption;

/// <summary>What the options say about redemption, prepared once per change of them.</summary>
internal sealed class RedemptionPolicy(ProxyOptions options)
{
    public bool Required { get; } = options.Authentication.Required;

    public SpendOrder Order { get; } = options.SpentTokens.Order;

    public PresharedKeys PresharedKeys { get; } = new(options.Authentication.PresharedKeys);

    public PrivateTokenReadOptions ReadOptions { get; } = new() { RequireCommas = !options.Authentication.AllowMissingComma };
}
