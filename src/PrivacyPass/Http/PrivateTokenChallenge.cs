using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PrivacyPass.Http;

/// <summary>One PrivateToken challenge of a WWW-Authenticate or Proxy-Authenticate field (RFC 9577, section 2.1.2).</summary>
public sealed class PrivateTokenChallenge
{
    /// <summary>Makes a challenge to be sent.</summary>
    /// <param name="challenge">The TokenChallenge bytes, or greased ones: at least the 2 bytes of the type.</param>
    /// <param name="tokenKey">The issuer's public key, or null when clients get it out of band.</param>
    /// <param name="maxAge">For how many seconds the origin accepts tokens for the challenge, or null.</param>
    /// <param name="realm">The protection space, or null; no control characters but the tab.</param>
    /// <exception cref="ArgumentException">The challenge has no type, the age is negative, or the realm has control characters.</exception>
    public PrivateTokenChallenge(ReadOnlyMemory<byte> challenge, ReadOnlyMemory<byte>? tokenKey = null, int? maxAge = null, string? realm = null)
    {
        if (challenge.Length < 2) throw new ArgumentException("A challenge begins with a 2-byte token type.", nameof(challenge));
        if (maxAge < 0) throw new ArgumentOutOfRangeException(nameof(maxAge), maxAge, "An age is not negative.");
        if (realm is not null && realm.Any(AuthFieldReader.IsControl))
            throw new ArgumentException("A realm has no control characters but the tab.", nameof(realm));
        Challenge = challenge;
        TokenKey = tokenKey;
        MaxAge = maxAge;
        Realm = realm;
    }

    /// <summary>The TokenChallenge bytes exactly as sent; tokens are bound to their digest.</summary>
    public ReadOnlyMemory<byte> Challenge { get; }

    /// <summary>The issuer's public key as sent (its size is not checked here), or null.</summary>
    public ReadOnlyMemory<byte>? TokenKey { get; }

    /// <summary>For how many seconds the origin accepts tokens for the challenge, or null when it does not say.</summary>
    public int? MaxAge { get; }

    /// <summary>The protection space, or null.</summary>
    public string? Realm { get; }

    /// <summary>The token type in the challenge's first 2 bytes.</summary>
    public ushort TokenType => BinaryPrimitives.ReadUInt16BigEndian(Challenge.Span);

    /// <summary>
    /// Every challenge of a response a client can answer: PrivateToken, of a supported type and well formed, in the origin's order.
    /// Other schemes, greased, unsupported and malformed ones are skipped. Never throws for what the fields hold.
    /// </summary>
    /// <param name="fieldValues">The values of all WWW-Authenticate (or all Proxy-Authenticate) fields.</param>
    public static IReadOnlyList<PrivateTokenChallenge> ReadAll(IEnumerable<string> fieldValues) =>
        [.. ReadEach(fieldValues).Where(r => r.Error == PrivateTokenChallengeError.None).Select(r => r.Challenge!)];

    /// <summary>Every challenge of a response, of any scheme, with the reason why it cannot be answered. At most 64; those that follow are not read.</summary>
    /// <param name="fieldValues">The values of all WWW-Authenticate (or all Proxy-Authenticate) fields.</param>
    public static IReadOnlyList<PrivateTokenChallengeReading> ReadEach(IEnumerable<string> fieldValues)
    {
        ArgumentNullException.ThrowIfNull(fieldValues);
        var readings = new List<PrivateTokenChallengeReading>();
        foreach (var value in fieldValues) ChallengeFieldParser.Parse(value, readings);
        return readings;
    }

    /// <summary>Writes the field value for this challenge: quoted and padded.</summary>
    public string Write()
    {
        var text = new StringBuilder(PrivateTokenScheme.Name);
        text.Append(' ').Append(PrivateTokenScheme.Challenge).Append("=\"").Append(PaddedBase64Url.Encode(Challenge.Span)).Append('"');
        if (TokenKey is { } key)
            text.Append(", ").Append(PrivateTokenScheme.TokenKey).Append("=\"").Append(PaddedBase64Url.Encode(key.Span)).Append('"');
        if (MaxAge is { } age)
            text.Append(", ").Append(PrivateTokenScheme.MaxAge).Append("=\"").Append(age.ToString(CultureInfo.InvariantCulture)).Append('"');
        if (Realm is not null)
            text.Append(", ").Append(PrivateTokenScheme.Realm).Append("=\"").Append(Escape(Realm)).Append('"');
        return text.ToString();
    }

    /// <summary>The field value, as <see cref="Write"/>.</summary>
    public override string ToString() => Write();

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
