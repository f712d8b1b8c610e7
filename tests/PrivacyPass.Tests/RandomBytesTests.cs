using FsCheck;
using FsCheck.Fluent;

namespace PrivacyPass.Tests;

/// <summary>Whatever bytes come, the cryptography answers or throws its one documented exception.</summary>
public sealed class RandomBytesTests
{
    public static TheoryData<TokenType> Types => TokenCryptographyTests.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void Random_tokens_are_refused_without_exception(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var verifier = issuer.CreateVerifier();
        var keyId = issuer.KeyId.ToArray();
        ForAll(Bytes(TokenSizes.Token(type)), token =>
        {
            Assert.False(IssuedToken.Accepts(verifier, token));
            // With the right type and key id the bytes reach the arithmetic.
            (token[0], token[1]) = ((byte)((ushort)type >> 8), (byte)type);
            keyId.CopyTo(token, 66);
            Assert.False(IssuedToken.Accepts(verifier, token));
        });
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Random_requests_are_answered_or_refused(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        ForAll(Bytes(TokenSizes.TokenRequest(type)).Select(request => TokenSizes.HasExtensions(type) ? [.. request, 0, 0] : request), request =>
        {
            OnlyRefuses(() => issuer.Issue(request));
            (request[0], request[1]) = ((byte)((ushort)type >> 8), (byte)type);
            request[2] = issuer.KeyId.Truncated;
            OnlyRefuses(() => Assert.Equal(TokenSizes.TokenResponse(type), issuer.Issue(request).Length));
        });
        ForAll(AnyBytes, request => OnlyRefuses(() => issuer.Issue(request)));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Random_responses_are_refused(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest("challenge"u8);
        ForAll(Bytes(TokenSizes.TokenResponse(type)), response => Refuses(() => pending.Finalize(response)));
        ForAll(AnyBytes, response => Refuses(() => pending.Finalize(response)));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Random_keys_are_read_or_refused(TokenType type)
    {
        ForAll(Bytes(TokenSizes.PublicKey(type)), key => OnlyRefuses(() => TokenCryptography.CreateClient(type, key).Dispose()));
        ForAll(AnyBytes, key =>
        {
            OnlyRefuses(() => TokenCryptography.CreateClient(type, key).Dispose());
            OnlyRefuses(() => TokenCryptography.CreateVerifier(key).Dispose());
            OnlyRefuses(() => TokenCryptography.ImportIssuer(type, key).Dispose());
        });
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_private_key_with_a_changed_byte_is_read_or_refused(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        var key = issuer.ExportPrivateKey();
        ForAll(ArbMap.Default.GeneratorFor<(ushort Position, byte Mask)>(), change =>
        {
            var altered = (byte[])key.Clone();
            altered[change.Position % altered.Length] ^= change.Mask;
            OnlyRefuses(() => TokenCryptography.ImportIssuer(type, altered).Dispose());
        });
    }

    /// <summary>libcrypto reads a PKCS#1 key of any version; .NET writes none but version 0.</summary>
    [Theory]
    [InlineData(TokenType.BlindRsa2048)]
    [InlineData(TokenType.PartiallyBlindRsa2048)]
    public void Every_bit_of_a_private_keys_head_may_be_wrong(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        var key = issuer.ExportPrivateKey();
        for (var bit = 0; bit < 8 * 40; bit++)
        {
            var altered = (byte[])key.Clone();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            OnlyRefuses(() => TokenCryptography.ImportIssuer(type, altered).Dispose());
        }
    }

    private static Gen<byte[]> AnyBytes => ArbMap.Default.GeneratorFor<byte[]>();

    private static Gen<byte[]> Bytes(int size) => ArbMap.Default.GeneratorFor<byte>().ArrayOf(size);

    private static void ForAll<T>(Gen<T> generator, Action<T> behaviour) =>
        Check.QuickThrowOnFailure(Prop.ForAll(generator.ToArbitrary(), behaviour));

    private static void Refuses(Action action) => Assert.Throws<TokenIssuanceException>(action);

    private static void OnlyRefuses(Action action)
    {
        try
        {
            action();
        }
        catch (TokenIssuanceException)
        {
            // The documented exception; any other fails the test.
        }
    }
}
