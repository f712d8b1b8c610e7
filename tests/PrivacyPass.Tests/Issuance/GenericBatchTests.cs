using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using PrivacyPass.BlindRsa;
using PrivacyPass.Issuance;
using PrivacyPass.Tests.BlindRsa;
using PrivacyPass.Tests.Voprf;
using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Issuance;

/// <summary>draft-ietf-privacypass-batched-tokens, section 6 and appendix A.4.</summary>
public sealed class GenericBatchTests
{
    public static TheoryData<int> Vectors => [.. Enumerable.Range(0, VectorFile.Read("batched_A4_generic").Count)];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_batch_of_several_types_reproduces_the_request_response_and_tokens_of_the_draft(int index)
    {
        var vector = VectorFile.Read("batched_A4_generic")[index];
        JsonElement[] issuances = [.. vector.GetProperty("issuance").EnumerateArray()];
        var pending = issuances.Select(Begin).ToArray();
        var request = GenericBatch.WriteRequest(pending.Select(each => each.Request));
        Assert.Equal(vector.Hex("token_request"), request);

        Assert.True(GenericBatch.TryReadRequest(request, issuances.Length, out var requests));
        var expected = vector.Hex("token_response");
        Assert.True(GenericBatch.TryReadResponse(expected, [.. issuances.Select(TypeOf)], out var places));
        var responses = issuances.Select((issuance, i) => (TypeOf(issuance), (byte[]?)Issue(issuance, request[requests[i]], expected[places[i]!.Value]))).ToArray();
        Assert.Equal(expected, GenericBatch.WriteResponse(responses));

        for (var i = 0; i < pending.Length; i++)
        {
            var token = pending[i].Finalize(expected[places[i]!.Value]);
            Assert.Equal(TokenSizes.Token(TypeOf(issuances[i])), token.Length);
            if (issuances[i].TryGetProperty("token", out var published)) Assert.Equal(Convert.FromHexString(published.GetString()!), token);
        }
    }

    [Fact]
    public void A_request_that_is_empty_cut_too_long_or_of_a_type_nobody_knows_is_refused()
    {
        byte[] one = [0, 1, 9, .. new byte[49]];
        byte[] other = [0, 2, 9, .. new byte[256]];
        var request = GenericBatch.WriteRequest([one, other]);
        Assert.True(GenericBatch.TryReadRequest(request, 2, out var found));
        Assert.Equal([one, other], found.Select(range => request[range]));
        Assert.False(GenericBatch.TryReadRequest(request, 1, out found));
        Assert.Empty(found);
        Assert.False(GenericBatch.TryReadRequest([], 9, out _));
        Assert.False(GenericBatch.TryReadRequest([0], 9, out _));
        Assert.False(GenericBatch.TryReadRequest(request.AsSpan(0, request.Length - 1), 9, out _));
        Assert.False(GenericBatch.TryReadRequest([.. request, 0], 9, out _));
        Assert.False(GenericBatch.TryReadRequest([2, 0, 3], 9, out _));
        Assert.False(GenericBatch.TryReadRequest([0x40, 52, .. one], 9, out _));
        Assert.Throws<ArgumentException>(() => GenericBatch.WriteRequest([]));
    }

    [Fact]
    public void A_request_with_extensions_ends_where_they_end()
    {
        byte[] extended = [0xDA, 0x7A, 9, .. new byte[256], 0, 5, 0, 7, 0, 1, 42];
        var request = GenericBatch.WriteRequest([extended, extended]);
        Assert.True(GenericBatch.TryReadRequest(request, 2, out var found));
        Assert.Equal([extended, extended], found.Select(range => request[range]));
        Assert.True(TokenRequestView.TryRead(extended, out var view));
        Assert.Equal([0, 5, 0, 7, 0, 1, 42], view.Extensions.ToArray());
        Assert.False(TokenRequestView.TryRead(extended.AsSpan(0, extended.Length - 1), out _));
    }

    [Fact]
    public void A_response_keeps_to_the_number_order_and_types_that_were_asked_for()
    {
        (TokenType, byte[]?)[] answers = [(TokenType.VoprfP384, new byte[145]), (TokenType.BlindRsa2048, null), (TokenType.VoprfRistretto255, new byte[96])];
        TokenType[] types = [.. answers.Select(answer => answer.Item1)];
        var response = GenericBatch.WriteResponse(answers);
        Assert.True(GenericBatch.TryReadResponse(response, types, out var places));
        Assert.Equal([145, null, 96], places.Select(place => place is { } range ? response[range].Length : (int?)null));
        Assert.False(GenericBatch.TryReadResponse(response, types[..2], out _));
        Assert.False(GenericBatch.TryReadResponse(response, [.. types, TokenType.VoprfP384], out _));
        Assert.False(GenericBatch.TryReadResponse(response, [TokenType.BlindRsa2048, TokenType.BlindRsa2048, TokenType.VoprfRistretto255], out _));
        Assert.False(GenericBatch.TryReadResponse(response.AsSpan(0, response.Length - 1), types, out _));
        Assert.False(GenericBatch.TryReadResponse([.. response, 0], types, out _));
        // Of two types with answers of one size.
        var ofAnother = GenericBatch.WriteResponse([(TokenType.BlindRsa2048, new byte[256])]);
        Assert.True(GenericBatch.TryReadResponse(ofAnother, [TokenType.BlindRsa2048], out _));
        Assert.False(GenericBatch.TryReadResponse(ofAnother, [TokenType.PartiallyBlindRsa2048], out _));
        // A presence that is neither 0 nor 1.
        response[2] = 2;
        Assert.False(GenericBatch.TryReadResponse(response, types, out _));
    }

    [Fact]
    public void Random_bytes_are_read_or_refused_and_what_is_read_is_all_there_is()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            GenericBatch.TryReadResponse(bytes, [TokenType.VoprfP384], out _);
            var prefixed = BatchVector.Prefixed(bytes, bytes.Length);
            Assert.True(BatchVector.TryRead(prefixed, out var vector, out var rest));
            Assert.Equal(bytes, vector.ToArray());
            Assert.True(rest.IsEmpty);
            if (GenericBatch.TryReadRequest(prefixed, 1000, out var found)) Assert.Equal(bytes.Length, found.Sum(range => prefixed[range].Length));
        }));
        var mixed = Gen.Elements(TokenType.VoprfP384, TokenType.BlindRsa2048, TokenType.VoprfRistretto255, TokenType.PartiallyBlindRsa2048)
            .Select(type => (byte[])[(byte)((ushort)type >> 8), (byte)type, 7, .. new byte[TokenSizes.BlindedMessage(type)], .. TokenSizes.HasExtensions(type) ? new byte[2] : []])
            .NonEmptyListOf();
        Check.QuickThrowOnFailure(Prop.ForAll(mixed.ToArbitrary(), requests =>
        {
            var batch = GenericBatch.WriteRequest(requests.Select(each => (ReadOnlyMemory<byte>)each));
            Assert.True(GenericBatch.TryReadRequest(batch, requests.Count, out var found));
            Assert.Equal(requests, found.Select(range => batch[range]));
        }));
    }

    [Theory]
    [InlineData(0, "00")]
    [InlineData(63, "3F")]
    [InlineData(64, "4040")]
    [InlineData(16383, "7FFF")]
    [InlineData(16384, "80004000")]
    public void Lengths_are_written_in_the_fewest_bytes(int length, string hex) =>
        Assert.Equal(Convert.FromHexString(hex), BatchVector.Prefixed(new byte[length], length)[..(hex.Length / 2)]);

    [Theory]
    [InlineData("4000")]
    [InlineData("403F" + "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("80000001FF")]
    [InlineData("C000000000000000")]
    [InlineData("80")]
    [InlineData("BFFFFFFF")]
    [InlineData("")]
    public void Lengths_in_more_bytes_or_beyond_the_end_are_refused(string hex) => Assert.False(BatchVector.TryRead(Convert.FromHexString(hex), out _, out _));

    private static TokenType TypeOf(JsonElement issuance) => (TokenType)Convert.ToUInt16(issuance.Text("type"), 16);

    private static VoprfTokenType Voprf(TokenType type) => type == TokenType.VoprfP384 ? VoprfTokenType.P384 : VoprfTokenType.Ristretto255;

    private static PendingToken Begin(JsonElement issuance)
    {
        var (challenge, nonce, blind) = (issuance.Hex("token_challenge"), issuance.Hex("nonce"), issuance.Hex("blind"));
        return TypeOf(issuance) == TokenType.BlindRsa2048
            ? new BlindRsaClient(issuance.Hex("pkS")).CreateRequest(challenge, nonce, SaltOf(issuance), blind)
            : new VoprfClient(Voprf(TypeOf(issuance)), issuance.Hex("pkS")).CreateRequest(challenge, nonce, blind);
    }

    /// <summary>The vectors do not give the salt, but the token's signature holds it.</summary>
    private static byte[] SaltOf(JsonElement issuance)
    {
        var token = issuance.Hex("token");
        using var key = RsassaPssSpki.Decode(issuance.Hex("pkS"));
        var encoded = new byte[key.Size];
        Assert.True(key.TryRaise(token.AsSpan(TokenSizes.AuthenticatorInput), encoded));
        // Leaves the block unmasked, with the salt at its end.
        Assert.True(EmsaPss.Verify(token.AsSpan(0, TokenSizes.AuthenticatorInput), EmsaPss.SaltSize, key.Bits, encoded));
        return encoded[..^49][^EmsaPss.SaltSize..];
    }

    private static byte[] Issue(JsonElement issuance, byte[] request, byte[] expected)
    {
        if (TypeOf(issuance) == TokenType.BlindRsa2048)
        {
            using var rsa = TokenCryptography.ImportIssuer(TokenType.BlindRsa2048, BlindRsaVectorTests.Pkcs8(issuance));
            return rsa.Issue(request);
        }

        var type = Voprf(TypeOf(issuance));
        using var issuer = VoprfIssuer.Import(type, issuance.Hex("skS"));
        return issuer.Issue(request, VoprfIssuanceVectorTests.ProofRandomness(type, expected.AsSpan(type.Group.ElementSize), issuance.Hex("skS")));
    }
}
