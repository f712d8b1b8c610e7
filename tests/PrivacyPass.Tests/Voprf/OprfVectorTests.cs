using System.Text.Json;
using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Voprf;

public sealed class OprfVectorTests
{
    [Fact]
    public void The_mode_without_proof_reproduces_RFC_9497_A_4_1()
    {
        var vector = VectorFile.Read("rfc9497_A4_1_oprf_p384")[0];
        using var key = OprfPrivateKey.Derive(OprfSuite.Oprf, vector.Hex("seed"), vector.Hex("keyInfo"));
        Assert.Equal(vector.Hex("skSm"), key.Export());

        using var blinded = BlindedInput.Create(OprfSuite.Oprf, vector.Hex("Input"), vector.Hex("Blind"));
        Assert.Equal(vector.Hex("BlindedElement"), blinded.Element);
        var evaluated = key.BlindEvaluate(blinded.Element)[..P384.ElementSize];
        Assert.Equal(vector.Hex("EvaluationElement"), evaluated);
        Assert.Equal(vector.Hex("Output"), blinded.Finalize(evaluated));
        Assert.Equal(vector.Hex("Output"), key.Evaluate(vector.Hex("Input")));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void The_mode_with_proof_reproduces_RFC_9497_A_4_2_single_and_batched(int index, int batch)
    {
        AssertReproduces(OprfSuite.Voprf, VectorFile.Read("rfc9497_A4_2_voprf_p384")[index], batch);
    }

    internal static void AssertReproduces(OprfSuite suite, JsonElement vector, int batch)
    {
        using var key = OprfPrivateKey.Derive(suite, vector.Hex("seed"), vector.Hex("keyInfo"));
        Assert.Equal(vector.Hex("skSm"), key.Export());
        Assert.Equal(vector.Hex("pkSm"), key.PublicKey);

        var inputs = List(vector, "Input");
        var blinded = inputs.Zip(List(vector, "Blind"), (input, blind) => BlindedInput.Create(suite, input, blind)).ToList();
        Assert.Equal(batch, blinded.Count);
        byte[] blindedElements = [.. blinded.SelectMany(b => b.Element)];
        Assert.Equal(List(vector, "BlindedElement").SelectMany(b => b), blindedElements);

        var proof = vector.GetProperty("Proof");
        var response = key.BlindEvaluate(blindedElements, proof.Hex("r"));
        var evaluated = response[..blindedElements.Length];
        Assert.Equal(List(vector, "EvaluationElement").SelectMany(b => b), evaluated);
        Assert.Equal(proof.Hex("proof"), response[blindedElements.Length..]);
        Assert.True(new VoprfPublicKey(suite, key.PublicKey).VerifyProof(blindedElements, evaluated, proof.Hex("proof")));

        var outputs = List(vector, "Output");
        for (var i = 0; i < batch; i++)
        {
            Assert.Equal(outputs[i], blinded[i].Finalize(evaluated.AsSpan(i * suite.Group.ElementSize, suite.Group.ElementSize)));
            Assert.Equal(outputs[i], key.Evaluate(inputs[i]));
            blinded[i].Dispose();
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void The_mode_with_public_info_reproduces_RFC_9497_A_4_3_single_and_batched(int index, int batch)
    {
        var vector = VectorFile.Read("rfc9497_A4_3_poprf_p384")[index];
        using var derived = OprfPrivateKey.Derive(OprfSuite.Poprf, vector.Hex("seed"), vector.Hex("keyInfo"));
        Assert.Equal(vector.Hex("skSm"), derived.Export());
        using var key = new PoprfPrivateKey(derived.Export());
        Assert.Equal(vector.Hex("pkSm"), key.PublicKey);

        var info = vector.Hex("Info");
        var inputs = List(vector, "Input");
        var blinded = inputs.Zip(List(vector, "Blind"), (input, blind) => BlindedInput.Create(OprfSuite.Poprf, input, blind)).ToList();
        Assert.Equal(batch, blinded.Count);
        byte[] blindedElements = [.. blinded.SelectMany(b => b.Element)];
        Assert.Equal(List(vector, "BlindedElement").SelectMany(b => b), blindedElements);

        var proof = vector.GetProperty("Proof");
        var response = key.BlindEvaluate(blindedElements, info, proof.Hex("r"));
        var evaluated = response[..blindedElements.Length];
        Assert.Equal(List(vector, "EvaluationElement").SelectMany(b => b), evaluated);
        Assert.Equal(proof.Hex("proof"), response[blindedElements.Length..]);
        var publicKey = new VoprfPublicKey(OprfSuite.Voprf, key.PublicKey);
        Assert.True(publicKey.VerifyTweakedProof(info, blindedElements, evaluated, proof.Hex("proof")));
        Assert.False(publicKey.VerifyTweakedProof([.. info, 0], blindedElements, evaluated, proof.Hex("proof")));

        var outputs = List(vector, "Output");
        for (var i = 0; i < batch; i++)
        {
            Assert.Equal(outputs[i], blinded[i].Finalize(evaluated.AsSpan(i * P384.ElementSize, P384.ElementSize), info));
            Assert.Equal(outputs[i], key.Evaluate(inputs[i], info));
            blinded[i].Dispose();
        }
    }

    private static List<byte[]> List(JsonElement vector, string name) => [.. vector.Text(name).Split(',').Select(Convert.FromHexString)];
}
