using System.Buffers.Binary;
using System.Text;
using PrivacyPass.Issuance;

namespace PrivacyPass.Tests.Structures;

public sealed class StructureVectorTests
{
    public static TheoryData<string, int> Rfc9577 => Cases("rfc9577_A1_token_challenge");

    public static TheoryData<string, int> Issued => Cases("rfc9578_A1_voprf_p384", "rfc9578_A2_blind_rsa", "extra_type1_rust", "extra_type2_rust");

    [Theory]
    [MemberData(nameof(Rfc9577))]
    public void A_challenge_is_encoded_as_in_RFC_9577_A1(string file, int index)
    {
        var vector = VectorFile.Read(file)[index];
        var challenge = new TokenChallenge(
            (TokenType)BinaryPrimitives.ReadUInt16BigEndian(vector.Hex("token_type")),
            Encoding.ASCII.GetString(vector.Hex("issuer_name")),
            vector.Hex("redemption_context"),
            Encoding.ASCII.GetString(vector.Hex("origin_info")));

        Assert.Equal(vector.Hex("derived_token_challenge"), challenge.Encoded.ToArray());
        Assert.Equal(vector.Hex("derived_challenge_digest"), challenge.Digest.ToArray());
    }

    [Theory]
    [MemberData(nameof(Rfc9577))]
    public void A_challenge_of_RFC_9577_A1_is_read_into_its_fields(string file, int index)
    {
        var vector = VectorFile.Read(file)[index];

        Assert.Equal(TokenChallengeError.None, TokenChallenge.TryRead(vector.Hex("derived_token_challenge"), out var challenge));
        Assert.Equal(TokenType.BlindRsa2048, challenge!.Type);
        Assert.Equal(Encoding.ASCII.GetString(vector.Hex("issuer_name")), challenge.IssuerName);
        Assert.Equal(vector.Hex("redemption_context"), challenge.RedemptionContext.ToArray());
        Assert.Equal(Encoding.ASCII.GetString(vector.Hex("origin_info")), challenge.OriginInfo);
    }

    [Theory]
    [MemberData(nameof(Rfc9577))]
    public void A_token_of_RFC_9577_A1_is_read_into_its_fields(string file, int index)
    {
        var vector = VectorFile.Read(file)[index];
        byte[] bytes = [.. vector.Hex("token_authenticator_input"), .. new byte[256]];

        Assert.Equal(TokenReadError.None, TokenView.Read(bytes, out var token));
        Assert.Equal(vector.Hex("nonce"), token.Nonce.ToArray());
        Assert.Equal(vector.Hex("derived_challenge_digest"), token.ChallengeDigest.ToArray());
        Assert.Equal(new TokenKeyId(vector.Hex("token_key_id")), token.KeyId);
        Assert.Equal(vector.Hex("token_authenticator_input"), token.AuthenticatorInput.ToArray());
    }

    [Theory]
    [MemberData(nameof(Issued))]
    public void Request_and_token_of_an_issuance_name_their_key_and_challenge(string file, int index)
    {
        var vector = VectorFile.Read(file)[index];
        var keyId = TokenKeyId.Of(vector.Hex("pkS"));
        var request = vector.Hex("token_request");
        var bytes = vector.Hex("token");

        Assert.Equal(TokenChallengeError.None, TokenChallenge.TryRead(vector.Hex("token_challenge"), out var challenge));
        Assert.True(TokenRequestView.TryRead(request, out var requestView));
        Assert.Equal(challenge!.Type, requestView.Type);
        Assert.Equal(keyId.Truncated, requestView.TruncatedKeyId);
        Assert.Equal(request[3..], requestView.BlindedMessage.ToArray());
        Assert.True(TokenView.TryRead(bytes, out var token));
        Assert.Equal(challenge.Type, token.Type);
        Assert.Equal(vector.Hex("nonce"), token.Nonce.ToArray());
        Assert.Equal(keyId, token.KeyId);
        Assert.Equal(challenge.Digest.ToArray(), token.ChallengeDigest.ToArray());
        Assert.Equal(vector.Hex("token_response").Length, TokenSizes.TokenResponse(token.Type));
    }

    private static TheoryData<string, int> Cases(params string[] files)
    {
        var cases = new TheoryData<string, int>();
        foreach (var file in files)
        {
            for (var i = 0; i < VectorFile.Read(file).Count; i++) cases.Add(file, i);
        }

        return cases;
    }
}
