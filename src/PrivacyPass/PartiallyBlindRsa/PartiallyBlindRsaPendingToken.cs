using PrivacyPass.BlindRsa;

namespace PrivacyPass.PartiallyBlindRsa;

/// <summary>A token of type 0xDA7A on its way: the request carries the extensions in the open.</summary>
internal sealed class PartiallyBlindRsaPendingToken(
    TokenKeyId keyId, byte[] authenticatorInput, TokenExtensions extensions, BlindRsaPublicKey key, BlindedMessage blinded) : PendingToken
{
    private readonly byte[] _request = [.. TokenRequestHeader.Write(TokenType.PartiallyBlindRsa2048, keyId, blinded.Value), .. extensions.Encoded.Span];

    public override ReadOnlyMemory<byte> Request => _request;

    public override byte[] Finalize(ReadOnlySpan<byte> tokenResponse) => [.. authenticatorInput, .. blinded.Finalize(tokenResponse)];

    protected override void Dispose(bool disposing)
    {
        blinded.Dispose();
        key.Dispose();
    }
}
