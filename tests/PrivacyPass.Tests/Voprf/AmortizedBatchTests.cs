using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using PrivacyPass.Issuance;
using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Voprf;

/// <summary>draft-ietf-privacypass-batched-tokens, section 5 and appendices A.2 and A.3.</summary>
public sealed class AmortizedBatchTests
{
    public static TheoryData<TokenType> Types => [TokenType.VoprfP384, TokenType.VoprfRistretto255];

    public static TheoryData<string, int> Vectors()
    {
        var data = new TheoryData<string, int>();
        foreach (var file in new[] { "batched_A2_amortized_p384", "batched_A3_amortized_ristretto255" })
        {
            for (var i = 0; i < VectorFile.Read(file).Count; i++) data.Add(file, i);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_batch_reproduces_the_request_response_and_tokens_of_the_draft(string file, int index)
    {
        var vector = VectorFile.Read(file)[index];
        var type = file.EndsWith("p384", StringComparison.Ordinal) ? VoprfTokenType.P384 : VoprfTokenType.Ristretto255;
        using var issuer = VoprfIssuer.Import(type, vector.Hex("skS"));
        Assert.Equal(vector.Hex("pkS"), issuer.PublicKey.ToArray());
        using var client = new VoprfClient(type, vector.Hex("pkS"));
        using var pending = client.CreateBatchRequest(vector.Hex("token_challenge"), List(vector, "nonces"), List(vector, "blinds"));
        Assert.Equal(vector.Hex("token_request"), pending.Request.ToArray());

        var expected = vector.Hex("token_response");
        var response = issuer.IssueBatch(pending.Request.Span, VoprfIssuanceVectorTests.ProofRandomness(type, expected.AsSpan(expected.Length - (2 * type.Group.ScalarSize)), vector.Hex("skS")));
        Assert.Equal(expected, response);

        var tokens = pending.Finalize(response);
        Assert.Equal(List(vector, "tokens"), tokens);
        using var verifier = issuer.CreateVerifier();
        Assert.All(tokens, token => Assert.True(IssuedToken.Accepts(verifier, token)));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Tokens_of_one_batch_verify_and_have_nothing_but_challenge_and_key_in_common(TokenType type)
    {
        using var issuer = (IBatchTokenIssuer)TokenCryptography.GenerateIssuer(type);
        using var client = ClientOf(issuer);
        using var pending = client.CreateBatchRequest("challenge"u8, 17);
        using var verifier = issuer.CreateVerifier();
        var tokens = pending.Finalize(issuer.IssueBatch(pending.Request.Span));
        Assert.Equal(17, tokens.Count);
        Assert.All(tokens, token => Assert.True(IssuedToken.Accepts(verifier, token)));
        Assert.Equal(17, tokens.Select(token => Convert.ToHexString(token.AsSpan(2, 32))).Distinct().Count());
        Assert.Single(tokens.Select(token => Convert.ToHexString(token.AsSpan(34, 64))).Distinct());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_response_with_any_byte_altered_cut_or_added_is_refused_as_a_whole(TokenType type)
    {
        using var issuer = (IBatchTokenIssuer)TokenCryptography.GenerateIssuer(type);
        using var client = ClientOf(issuer);
        using var pending = client.CreateBatchRequest("challenge"u8, 2);
        var response = issuer.IssueBatch(pending.Request.Span);
        for (var i = 0; i < response.Length; i += 7)
        {
            response[i] ^= (byte)(1 << (i % 8));
            Assert.Throws<TokenIssuanceException>(() => pending.Finalize(response));
            response[i] ^= (byte)(1 << (i % 8));
        }

        Assert.Throws<TokenIssuanceException>(() => pending.Finalize([]));
        Assert.Throws<TokenIssuanceException>(() => pending.Finalize(response.AsSpan(1)));
        Assert.Throws<TokenIssuanceException>(() => pending.Finalize([.. response, 0]));
        // The answer to another batch, and to one of one token.
        using var other = client.CreateBatchRequest("challenge"u8, 2);
        Assert.Throws<TokenIssuanceException>(() => pending.Finalize(issuer.IssueBatch(other.Request.Span)));
        Assert.Equal(2, pending.Finalize(response).Count);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_batch_that_is_empty_cut_of_another_type_or_key_or_with_an_element_that_is_none_is_refused(TokenType type)
    {
        using var issuer = (IBatchTokenIssuer)TokenCryptography.GenerateIssuer(type);
        using var client = ClientOf(issuer);
        using var pending = client.CreateBatchRequest("challenge"u8, 2);
        var request = pending.Request.ToArray();
        var header = request[..3];
        var elements = request[^(2 * TokenSizes.BlindedMessage(type))..];
        Refused([]);
        Refused(header);
        Refused([.. header, 0]);
        Refused(request[..^1]);
        Refused([.. request, 0]);
        Refused([header[0], (byte)(header[1] ^ 4), .. request[2..]]);
        Refused([0, 2, .. request[2..]]);
        Refused([.. header[..2], (byte)(header[2] ^ 1), .. request[3..]]);
        // The length in more bytes than it needs.
        Refused([.. header, 0x80, 0, 0, (byte)elements.Length, .. elements]);
        // The last element off the group, and the identity.
        Refused([.. request[..^TokenSizes.BlindedMessage(type)], .. Enumerable.Repeat((byte)0xFF, TokenSizes.BlindedMessage(type))]);
        Refused([.. request[..^TokenSizes.BlindedMessage(type)], .. new byte[TokenSizes.BlindedMessage(type)]]);
        Assert.NotEmpty(issuer.IssueBatch(request));
        void Refused(byte[] bytes) => Assert.Throws<TokenIssuanceException>(() => issuer.IssueBatch(bytes));
    }

    [Fact]
    public void Random_requests_are_read_as_what_they_are_or_refused()
    {
        var type = Gen.Elements<byte>(1, 5, 2);
        var count = Gen.Choose(0, 700);
        var request =
            from t in type
            from n in count
            from tail in Gen.Elements(0, 0, 0, 1, 16)
            from noise in ArbMap.Default.GeneratorFor<byte>()
            select (Type: t, Elements: Enumerable.Repeat(noise, (n * (t == 1 ? 49 : 32)) + tail).ToArray());
        Check.QuickThrowOnFailure(Prop.ForAll(request.ToArbitrary(), wanted =>
        {
            byte[] bytes = [0, wanted.Type, 9, .. BatchVector.Prefixed(wanted.Elements, wanted.Elements.Length)];
            var size = wanted.Type == 1 ? 49 : 32;
            var isGood = wanted.Type != 2 && wanted.Elements.Length > 0 && wanted.Elements.Length % size == 0;
            Assert.Equal(isGood, AmortizedBatchRequestView.TryRead(bytes, out var view));
            if (isGood) Assert.Equal(wanted.Elements, view.BlindedElements.ToArray());
            if (isGood) Assert.Equal((wanted.Elements.Length / size, (byte)9, wanted.Type), (view.Count, view.TruncatedKeyId, (byte)view.Type));
        }));
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            if (AmortizedBatchRequestView.TryRead(bytes, out var view)) Assert.True(view.Count > 0);
        }));
    }

    private static IBatchTokenClient ClientOf(IBatchTokenIssuer issuer) => (IBatchTokenClient)TokenCryptography.CreateClient(issuer.Type, issuer.PublicKey.Span);

    private static List<byte[]> List(JsonElement vector, string name) => [.. vector.GetProperty(name).EnumerateArray().Select(each => Convert.FromHexString(each.GetString()!))];
}
