namespace PrivacyPass.AspNetCore.Keys;

/// <summary>Where an issuer keeps its keys and how long they live.</summary>
public sealed class IssuerKeyRingOptions
{
    /// <summary>The most keys of one type that may live at a time: requests tell keys apart by one byte only (RFC 9578, section 5.1).</summary>
    public const int MostLiveKeys = 16;

    /// <summary>The directory of the key files; made when absent, readable by its owner only.</summary>
    public string Directory { get; set; } = "";

    /// <summary>The token types to issue, in order of preference; experimental ones only where they are named here. Default: type 2, then type 1.</summary>
    public IList<TokenType> TokenTypes { get; } = [];

    /// <summary>How long a key is the one that clients use before the next follows. Default: 30 days.</summary>
    public TimeSpan RotationInterval { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a key issues and verifies, from its not-before on; longer than <see cref="RotationInterval"/>. Default: 60 days.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(60);

    /// <summary>How long before its use the next key is published, so that every cache knows it in time. Default: 1 day.</summary>
    public TimeSpan PublishAhead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Where private keys are. Default: in the key files.</summary>
    public IIssuerKeyVault? Vault { get; set; }

    internal IReadOnlyList<TokenType> EffectiveTokenTypes =>
        TokenTypes.Count > 0 ? [.. TokenTypes] : [TokenType.BlindRsa2048, TokenType.VoprfP384];

    /// <summary>What is wrong with the options, one sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(Directory)) errors.Add("Directory must name a directory for the key files.");
        if (TokenTypes.Any(type => !TokenSizes.IsSupported(type))) errors.Add("TokenTypes may hold 1 (VOPRF P-384), 2 (blind RSA 2048) and, experimental, 5 (VOPRF ristretto255) and 55930 (0xDA7A, partially blind RSA 2048).");
        if (TokenTypes.Distinct().Count() != TokenTypes.Count) errors.Add("TokenTypes must not repeat a type.");
        if (RotationInterval < TimeSpan.FromSeconds(1)) errors.Add("RotationInterval must be at least 1 second.");
        else if (KeyLifetime <= RotationInterval) errors.Add("KeyLifetime must be longer than RotationInterval, or tokens die before the next key is in use.");
        else if (KeyLifetime / RotationInterval > MostLiveKeys - 2) errors.Add($"KeyLifetime may be at most {MostLiveKeys - 2} times RotationInterval.");
        if (PublishAhead < TimeSpan.Zero || PublishAhead >= RotationInterval) errors.Add("PublishAhead must not be negative and must be shorter than RotationInterval.");
        return errors;
    }
}
