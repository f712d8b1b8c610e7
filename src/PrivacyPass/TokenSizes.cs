namespace PrivacyPass;

/// <summary>The byte sizes of the structures of each token type (RFC 9577, section 2.2; RFC 9578, sections 5 and 6).</summary>
public static class TokenSizes
{
    /// <summary>AuthenticatorInput, equal for all types: type 2, nonce 32, challenge digest 32, token key id 32.</summary>
    public const int AuthenticatorInput = 98;

    /// <summary>The nonce of a token.</summary>
    public const int Nonce = 32;

    /// <summary>SHA-256 of the TokenChallenge as sent.</summary>
    public const int ChallengeDigest = 32;

    /// <summary>The largest token of a supported type (types 2 and 0xDA7A).</summary>
    public const int LargestToken = 354;

    /// <summary>Size of the authenticator (Nk): 48 for type 1, 256 for types 2 and 0xDA7A, 64 for type 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static int Authenticator(TokenType type) => type switch
    {
        TokenType.VoprfP384 => 48,
        TokenType.BlindRsa2048 => 256,
        TokenType.VoprfRistretto255 => 64,
        TokenType.PartiallyBlindRsa2048 => 256,
        _ => throw Unsupported(type),
    };

    /// <summary>Size of a whole token: 146 for type 1, 354 for types 2 and 0xDA7A, 162 for type 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static int Token(TokenType type) => AuthenticatorInput + Authenticator(type);

    /// <summary>Size of a public key as encoded in directories and challenges: 49 for type 1, 342 for types 2 and 0xDA7A, 32 for type 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static int PublicKey(TokenType type) => type switch
    {
        TokenType.VoprfP384 => 49,
        TokenType.BlindRsa2048 => 342,
        TokenType.VoprfRistretto255 => 32,
        TokenType.PartiallyBlindRsa2048 => 342,
        _ => throw Unsupported(type),
    };

    /// <summary>Size of a TokenRequest: 52 for type 1, 259 for type 2, 35 for type 5; 259 and its extensions for type 0xDA7A.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static int TokenRequest(TokenType type) => type switch
    {
        TokenType.VoprfP384 => 52,
        TokenType.BlindRsa2048 => 259,
        TokenType.VoprfRistretto255 => 35,
        TokenType.PartiallyBlindRsa2048 => 259,
        _ => throw Unsupported(type),
    };

    /// <summary>Size of a TokenResponse: 145 for type 1, 256 for types 2 and 0xDA7A, 96 for type 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static int TokenResponse(TokenType type) => type switch
    {
        TokenType.VoprfP384 => 145,
        TokenType.BlindRsa2048 => 256,
        TokenType.VoprfRistretto255 => 96,
        TokenType.PartiallyBlindRsa2048 => 256,
        _ => throw Unsupported(type),
    };

    /// <summary>True for a type this library issues and verifies.</summary>
    public static bool IsSupported(TokenType type) =>
        type is TokenType.VoprfP384 or TokenType.BlindRsa2048 or TokenType.VoprfRistretto255 or TokenType.PartiallyBlindRsa2048;

    /// <summary>True for a supported type that is a draft's: it may change, and is offered and answered only where its use is asked for.</summary>
    public static bool IsExperimental(TokenType type) => type is TokenType.VoprfRistretto255 or TokenType.PartiallyBlindRsa2048;

    /// <summary>True for the types with amortized batches, of which many share one proof (draft-ietf-privacypass-batched-tokens, section 5).</summary>
    public static bool CanAmortize(TokenType type) => type is TokenType.VoprfP384 or TokenType.VoprfRistretto255;

    /// <summary>True for the types whose requests and tokens carry extensions, signed with them.</summary>
    public static bool HasExtensions(TokenType type) => type is TokenType.PartiallyBlindRsa2048;

    /// <summary>Size of the blinded message of a TokenRequest: 49 for type 1, 256 for types 2 and 0xDA7A, 32 for type 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static int BlindedMessage(TokenType type) => TokenRequest(type) - 3;

    private static ArgumentOutOfRangeException Unsupported(TokenType type) =>
        new(nameof(type), type, "Token type is not supported.");
}
