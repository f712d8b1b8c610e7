using System.Numerics;
using System.Text.Json;
using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Voprf;

public sealed class VoprfIssuanceVectorTests
{
    private static readonly BigInteger _order = new(Convert.FromHexString(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973"), isUnsigned: true, isBigEndian: true);

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
        AssertReproduces(VoprfTokenType.P384, VectorFile.Read(file)[index]);
    }

    internal static void AssertReproduces(VoprfTokenType type, JsonElement vector)
    {
        using var issuer = VoprfIssuer.Import(type, vector.Hex("skS"));
        Assert.Equal(vector.Hex("pkS"), issuer.PublicKey.ToArray());

        using var client = new VoprfClient(type, vector.Hex("pkS"));
        using var pending = client.CreateRequest(vector.Hex("token_challenge"), vector.Hex("nonce"), vector.Hex("blind"));
        Assert.Equal(vector.Hex("token_request"), pending.Request.ToArray());

        var response = issuer.Issue(pending.Request.Span, ProofRandomness(type, vector.Hex("token_response").AsSpan(type.Group.ElementSize), vector.Hex("skS")));
        Assert.Equal(vector.Hex("token_response"), response);

        var token = pending.Finalize(response);
        Assert.Equal(vector.Hex("token"), token);
        using var verifier = issuer.CreateVerifier();
        Assert.True(TokenView.TryRead(token, out var view) && verifier.Verify(view));
    }

    // The vectors do not give the proof's r, but s = r - c * k does.
    internal static byte[] ProofRandomness(VoprfTokenType type, ReadOnlySpan<byte> proof, byte[] key)
    {
        var isLittleEndian = type == VoprfTokenType.Ristretto255;
        var size = type.Group.ScalarSize;
        BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: !isLittleEndian);
        var order = isLittleEndian ? BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493") : _order;
        var r = TestIssuers.Bytes((Number(proof[size..]) + (Number(proof[..size]) * Number(key))) % order, size);
        if (isLittleEndian) Array.Reverse(r);
        return r;
    }
}
