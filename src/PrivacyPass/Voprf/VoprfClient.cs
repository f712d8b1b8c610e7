using System.Security.Cryptography;

namespace PrivacyPass.Voprf;

/// <summary>Makes requests for tokens of type 1 (RFC 9578, section 5.1).</summary>
internal sealed class VoprfClient : ITokenClient
{
    private readonly VoprfPublicKey _key;

    /// <summary>Reads the 49-byte public key.</summary>
    internal VoprfClient(ReadOnlySpan<byte> publicKey)
    {
        _key = new VoprfPublicKey(publicKey);
        KeyId = TokenKeyId.Of(publicKey);
    }

    public TokenType Type => TokenType.VoprfP384;

    public TokenKeyId KeyId { get; }

    public PendingToken CreateRequest(ReadOnlySpan<byte> challenge)
    {
        Span<byte> nonce = stackalloc byte[TokenSizes.Nonce];
        RandomNumberGenerator.Fill(nonce);
        var input = AuthenticatorInput.Create(Type, nonce, challenge, KeyId);
        return new VoprfPendingToken(_key, KeyId, input, BlindedInput.Create(OprfSuite.Voprf, input));
    }

    /// <summary>The same with given randomness: for test vectors.</summary>
    internal PendingToken CreateRequest(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> blind)
    {
        var input = AuthenticatorInput.Create(Type, nonce, challenge, KeyId);
        return new VoprfPendingToken(_key, KeyId, input, BlindedInput.Create(OprfSuite.Voprf, input, blind));
    }

    public void Dispose()
    {
        // A public key holds nothing to free.
    }
}
