using PrivacyPass;
using PrivacyProxy.LoadTests.Redemptions;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>What tunnels are paid with: one preshared key for all, or tokens of which every proxy takes each once.</summary>
internal sealed class CredentialSupply
{
    private const string PresharedKey = "load-test";

    private readonly IReadOnlyList<string> _values;
    private readonly bool _once;

    private CredentialSupply(IReadOnlyList<string> values, bool once, IReadOnlyDictionary<string, string> settings) => (_values, _once, Settings) = (values, once, settings);

    /// <summary>The settings of a proxy that takes them, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    public static CredentialSupply OfPresharedKey() => new([$"Preshared {PresharedKey}"], once: false, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PrivacyProxy__Authentication__PresharedKeys"] = PresharedKey,
    });

    /// <summary>Issues tokens of type 2 on all cores.</summary>
    public static CredentialSupply OfTokens(int count)
    {
        var supply = TokenSupply.Make(TokenType.BlindRsa2048, StoreSettings.IssuerName, StoreSettings.OriginInfo, count, forged: 0);
        using var issuer = supply.Issuer;
        return new CredentialSupply(supply.Good, once: true, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PrivacyProxy__Authentication__OriginInfo"] = StoreSettings.OriginInfo,
            ["PrivacyProxy__Issuers__0__Name"] = StoreSettings.IssuerName,
            ["PrivacyProxy__Issuers__0__PublicKeys__0"] = System.Buffers.Text.Base64Url.EncodeToString(issuer.PublicKey.Span),
        });
    }

    /// <summary>The credential of the tunnel with that number at one proxy; null when there is none left.</summary>
    public string? Find(int number) => _once ? number < _values.Count ? _values[number] : null : _values[0];
}
