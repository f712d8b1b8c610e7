using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PrivacyPass.BlindRsa;

namespace PrivacyPass.Tests.BlindRsa;

public sealed class BlindRsaVectorTests
{
    public static TheoryData<string, int> IssuanceVectors()
    {
        var data = new TheoryData<string, int>();
        foreach (var file in new[] { "rfc9578_A2_blind_rsa", "extra_type2_rust" })
        {
            for (var i = 0; i < VectorFile.Read(file).Count; i++) data.Add(file, i);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(IssuanceVectors))]
    public void Issuance_reproduces_the_request_response_and_token_of_RFC_9578(string file, int index)
    {
        var vector = VectorFile.Read(file)[index];
        using var issuer = TokenCryptography.ImportIssuer(TokenType.BlindRsa2048, Pkcs8(vector));
        Assert.Equal(vector.Hex("pkS"), issuer.PublicKey.ToArray());

        using var client = new BlindRsaClient(vector.Hex("pkS"));
        using var pending = client.CreateRequest(
            vector.Hex("token_challenge"), vector.Hex("nonce"), vector.Hex("salt"), vector.Hex("blind"));
        Assert.Equal(vector.Hex("token_request"), pending.Request.ToArray());

        var response = issuer.Issue(pending.Request.Span);
        Assert.Equal(vector.Hex("token_response"), response);

        var token = pending.Finalize(response);
        Assert.Equal(vector.Hex("token"), token);
        using var verifier = issuer.CreateVerifier();
        Assert.True(TokenView.TryRead(token, out var view) && verifier.Verify(view));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Blind_signing_reproduces_RFC_9474_with_its_4096_bit_key(int index)
    {
        var vector = VectorFile.Read("rfc9474_A_rsabssa_sha384")[index];
        using var key = new BlindRsaPrivateKey(RSA.Create(TestIssuers.Parameters(vector)));
        var inverse = new BigInteger(vector.Hex("inv"), isUnsigned: true, isBigEndian: true);
        var modulus = new BigInteger(vector.Hex("n"), isUnsigned: true, isBigEndian: true);

        using var blinded = BlindedMessage.Create(
            key.Public, vector.Hex("prepared_msg"), vector.Hex("salt"), TestIssuers.Bytes(TestIssuers.Inverse(inverse, modulus), key.Public.Size));
        Assert.Equal(vector.Hex("blinded_msg"), blinded.Value);
        var blindSignature = key.BlindSign(blinded.Value);
        Assert.Equal(vector.Hex("blind_sig"), blindSignature);
        var signature = blinded.Finalize(blindSignature);
        Assert.Equal(vector.Hex("sig"), signature);
        Assert.True(key.Public.Verify(vector.Hex("prepared_msg"), signature));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Encoding_reproduces_RFC_9474_and_verifies(int index)
    {
        var vector = VectorFile.Read("rfc9474_A_rsabssa_sha384")[index];
        var encoded = new byte[EmsaPss.EncodedSize(4096)];
        EmsaPss.Encode(vector.Hex("prepared_msg"), vector.Hex("salt"), 4096, encoded);
        Assert.Equal(vector.Hex("encoded_msg"), encoded);
        Assert.True(EmsaPss.Verify(vector.Hex("prepared_msg"), EmsaPss.SaltSize, 4096, encoded));
    }

    internal static byte[] Pkcs8(JsonElement vector)
    {
        var pem = Encoding.ASCII.GetString(vector.Hex("skS"));
        return Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
    }
}
