using System.Buffers.Binary;
using PrivacyPass;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>One way to fail to pay.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Reason">The value of the metric label <c>result</c>.</param>
/// <param name="Fields">The fields of the request, made from a fresh token where it takes one.</param>
internal sealed record BadCredential(string Name, string Reason, Func<ProductFixture, Task<KeyValuePair<string, string>[]>> Fields)
{
    private static readonly string[] _equallyAnswered =
    [
        "an unknown key id", "another challenge digest", "the last bit of the signature flipped", "a token cut short",
    ];

    /// <summary>Those an attacker would like to tell apart.</summary>
    public static IEnumerable<BadCredential> EquallyAnswered => All.Where(bad => _equallyAnswered.Contains(bad.Name));

    public static IReadOnlyList<BadCredential> All { get; } =
    [
        Of("no credentials", "missing"),
        Of("an unknown scheme", "unknown_scheme", "Basic dXNlcjpwYXNzd29yZA=="),
        Of("an empty field", "malformed", ""),
        Of("the scheme alone", "malformed", "PrivateToken"),
        Of("no token parameter", "malformed", "PrivateToken extensions=\"AAAA\""),
        Of("an empty token", "malformed", "PrivateToken token=\"\""),
        Of("a token that is not base64url", "malformed", "PrivateToken token=\"!!not base64url!!\""),
        Of("a quote that does not end", "malformed", "PrivateToken token=\"AAAA"),
        Of("junk after the scheme", "malformed", "PrivateToken ;;;=,,="),
        Of("an over-long token", "malformed", $"PrivateToken token=\"{new string('A', 4000)}\""),
        OfToken("a token cut short", "malformed", 2, token => Credentials.Altered(token, bytes => bytes[..^1])),
        OfToken("a token with a byte too many", "malformed", 2, token => Credentials.Altered(token, bytes => [.. bytes, 0])),
        OfToken("type 1 in the size of type 2", "malformed", 2, token => OfType(token, 1)),
        OfToken("type 2 in the size of type 1", "malformed", 1, token => OfType(token, 2)),
        OfToken("a type that does not exist", "unsupported_type", 2, token => OfType(token, 3)),
        OfToken("a greased type", "unsupported_type", 2, token => OfType(token, 0x02AA)),
        OfToken("the reserved type 0", "unsupported_type", 2, token => OfType(token, 0)),
        OfToken("an unknown key id", "unknown_key", 2, token => Credentials.Flipped(token, 70)),
        OfToken("another challenge digest", "wrong_challenge", 2, token => Credentials.Flipped(token, 40)),
        OfToken("another nonce", "invalid_token", 2, token => Credentials.Flipped(token, 5)),
        OfToken("the first bit of the signature flipped", "invalid_token", 2, token => Credentials.Altered(token, bytes => [.. bytes[..98], (byte)(bytes[98] ^ 0x80), .. bytes[99..]])),
        OfToken("the last bit of the signature flipped", "invalid_token", 2, token => Credentials.Flipped(token, ^1)),
        OfToken("the last bit of a type 1 authenticator flipped", "invalid_token", 1, token => Credentials.Flipped(token, ^1)),
        OfToken("a signature of ones", "invalid_token", 2, token => Credentials.Altered(token, bytes => [.. bytes[..98], .. Enumerable.Repeat((byte)0xFF, 256)])),
        OfToken("a signature of zeros", "invalid_token", 2, token => Credentials.Altered(token, bytes => [.. bytes[..98], .. new byte[256]])),
        new("a valid token for another challenge", "wrong_challenge", async product => [Field(await ForAnotherChallengeAsync(product))]),
        new("a token spent before", "already_spent", async product => [Field(await SpentAsync(product))]),
        new("the token parameter twice", "malformed", async product =>
        {
            var token = await product.Tokens.TakeAsync();
            return [Credentials.Field($"PrivateToken token=\"{token}\", token=\"{token}\"")];
        }),
        new("two different tokens in two fields", "conflicting", async product =>
            [Field(await product.Tokens.TakeAsync()), KeyValuePair.Create("Authorization", Credentials.Token(await product.Tokens.TakeAsync()))]),
        new("two different tokens in one field name", "malformed", async product => [Field(await product.Tokens.TakeAsync()), Field(await product.Tokens.TakeAsync())]),
        new("a token and a preshared key", "conflicting", async product => [KeyValuePair.Create("Authorization", Credentials.Token(await product.Tokens.TakeAsync())), Credentials.Field(ProductFixture.Preshared)]),
        Of("a wrong preshared key", "wrong_preshared_key", "Preshared wrong-key"),
        Of("the preshared key cut short", "wrong_preshared_key", ProductFixture.Preshared[..^1]),
        Of("no preshared key", "malformed", "Preshared"),
    ];

    private static BadCredential Of(string name, string reason, params string[] values) =>
        new(name, reason, _ => Task.FromResult<KeyValuePair<string, string>[]>([.. values.Select(Credentials.Field)]));

    private static BadCredential OfToken(string name, string reason, int type, Func<string, string> change) =>
        new(name, reason, async product => [Field(change(await product.Tokens.TakeAsync(type)))]);

    private static KeyValuePair<string, string> Field(string token) => Credentials.Field(Credentials.Token(token));

    private static string OfType(string token, ushort type) => Credentials.Altered(token, bytes =>
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, type);
        return bytes;
    });

    private static async Task<string> SpentAsync(ProductFixture product)
    {
        var token = await product.Tokens.TakeAsync();
        await using var origin = TcpOrigin.Echo();
        var head = await TunnelProbe.AnswerAsync(product.Proxy, ProxyVersion.Http1, origin.Authority, Field(token));
        Assert.Equal(200, head.Status);
        return token;
    }

    private static async Task<string> ForAnotherChallengeAsync(ProductFixture product)
    {
        var challenge = new TokenChallenge(TokenType.BlindRsa2048, IssuerProcess.Name, [], "another-proxy.example");
        var tokens = await TokenPile.RequestAsync(
            product.Issuer.Url, 2, 1, "--challenge", PrivacyPass.Http.PaddedBase64Url.Encode(challenge.Encoded.Span));
        return tokens[0];
    }
}
