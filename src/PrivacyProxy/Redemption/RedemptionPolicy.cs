using PrivacyPass.Http;
using PrivacyProxy.Redemption.Certificates;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.Redemption;

/// <summary>What the options say about redemption, prepared once per change of them.</summary>
internal sealed class RedemptionPolicy(AuthenticationOptions options, SpendOrder order)
{
    public bool Required { get; } = options.Required;

    public SpendOrder Order { get; } = order;

    public PresharedKeys PresharedKeys { get; } = new(options.PresharedKeys, options.Basic);

    public ClientCertificatePolicy Certificates { get; } = new(options.ClientCertificates);

    public PrivateTokenReadOptions ReadOptions { get; } = new() { RequireCommas = !options.AllowMissingComma };
}
