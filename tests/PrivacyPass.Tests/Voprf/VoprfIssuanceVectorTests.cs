using System.Numerics;
using System.Text.Json;
using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Voprf;

public sealed class VoprfIssuanceVectorTests
{
    private static readonly BigInteger _order = Number(Convert.FromHexString(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973"));

    public static TheoryData<string, int> IssuanceVectors()
    {
        var data = new TheoryData<string, int>();
        foreach (var file in new[] { "rfc9578_A1_voprf_p384", "extra_type1_rust" })
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
        using var issuer = VoprfIssuer.Import(vector.Hex("skS"));
        Assert.Equal(vector.Hex("pkS"), issuer.PublicKey.ToArray());

        using var client = new VoprfClient(vector.Hex("pkS"));
        using var pending = client.CreateRequest(vector.Hex("token_challenge"), vector.Hex("nonce"), vector.Hex("blind"));
        Assert.Equal(vector.Hex("token_request"), pending.Request.ToArray());

        var response = issuer.Issue(pending.Request.Span, ProofRandomness(vector));
        Assert.Equal(vector.Hex("token_response"), response);

        var token = pending.Finalize(response);
        Assert.Equal(vector.Hex("token"), token);
        using var verifier = issuer.CreateVerifier();
        Assert.True(TokenView.TryRead(token, out var view) && verifier.Verify(view));
    }

    // The vectors do not give the proof's r, but s = r - c * k does.
    private static byte[] ProofRandomness(JsonElement vector)
    {
        var response = vector.Hex("token_response");
        var r = (Number(response[97..]) + Number(response[49..97]) * Number(vector.Hex("skS"))) % _order;
        var bytes = r.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[P384.ScalarSize - bytes.Length], .. bytes];
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
