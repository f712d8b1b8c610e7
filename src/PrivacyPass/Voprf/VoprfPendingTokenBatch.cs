using PrivacyPass.Issuance;

namespace PrivacyPass.Voprf;

/// <summary>An amortized batch on its way (draft-ietf-privacypass-batched-tokens, sections 5.1 and 5.3): one proof for all its tokens.</summary>
internal sealed class VoprfPendingTokenBatch(VoprfTokenType type, VoprfPublicKey key, TokenKeyId keyId, byte[][] authenticatorInputs, BlindedInput[] blinded)
    : PendingTokenBatch
{
    private readonly byte[] _elements = [.. blinded.SelectMany(static input => input.Element)];
    private byte[]? _request;

    public override ReadOnlyMemory<byte> Request => _request ??= AmortizedBatchRequestView.Write(type.Type, keyId, _elements);

    public override int Count => blinded.Length;

    public override IReadOnlyList<byte[]> Finalize(ReadOnlySpan<byte> batchResponse)
    {
        if (!BatchVector.TryRead(batchResponse, out var evaluated, out var proof)
            || evaluated.Length != _elements.Length || proof.Length != 2 * type.Group.ScalarSize)
            throw new TokenIssuanceException($"The batch response is not one of {Count} tokens.");
        if (!key.VerifyProof(_elements, evaluated, proof))
            throw new TokenIssuanceException("The issuer's proof does not verify under its public key.");

        var tokens = new byte[Count][];
        var size = type.Group.ElementSize;
        for (var i = 0; i < tokens.Length; i++) tokens[i] = [.. authenticatorInputs[i], .. blinded[i].Finalize(evaluated.Slice(i * size, size))];
        return tokens;
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var input in blinded) input.Dispose();
    }
}
