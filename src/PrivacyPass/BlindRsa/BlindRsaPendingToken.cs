namespace PrivacyPass.BlindRsa;

/// <summary>A token of type 2 on its way (RFC 9578, sections 6.1 and 6.3).</summary>
internal sealed class BlindRsaPendingToken(TokenKeyId keyId, byte[] authenticatorInput, BlindedMessage blinded) : PendingToken
{
    private readonly byte[] _request = TokenRequestHeader.Write(TokenType.BlindRsa2048, keyId, blinded.Value);

    public override ReadOnlyMemory<byte> Request => _request;

    public override byte[] Finalize(ReadOnlySpan<byte> tokenResponse) => [.. authenticatorInput, .. blinded.Finalize(tokenResponse)];

    protected override void Dispose(bool disposing) => blinded.Dispose();
}
