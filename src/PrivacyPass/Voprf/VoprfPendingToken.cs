namespace PrivacyPass.Voprf;

/// <summary>A token of type 1 or 5 on its way (RFC 9578, sections 5.1 and 5.3).</summary>
internal sealed class VoprfPendingToken(VoprfTokenType type, VoprfPublicKey key, TokenKeyId keyId, byte[] authenticatorInput, BlindedInput blinded) : PendingToken
{
    private readonly byte[] _request = TokenRequestHeader.Write(type.Type, keyId, blinded.Element);

    public override ReadOnlyMemory<byte> Request => _request;

    public override byte[] Finalize(ReadOnlySpan<byte> tokenResponse)
    {
        var expected = TokenSizes.TokenResponse(type.Type);
        if (tokenResponse.Length != expected)
            throw new TokenIssuanceException($"The token response has {tokenResponse.Length} bytes, not {expected}.");
        var evaluated = tokenResponse[..type.Group.ElementSize];
        if (!key.VerifyProof(blinded.Element, evaluated, tokenResponse[type.Group.ElementSize..]))
            throw new TokenIssuanceException("The issuer's proof does not verify under its public key.");
        return [.. authenticatorInput, .. blinded.Finalize(evaluated)];
    }

    protected override void Dispose(bool disposing) => blinded.Dispose();
}
