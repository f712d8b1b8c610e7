using System.Security.Cryptography;

namespace PrivacyPass.BlindRsa;

/// <summary>Makes requests for tokens of type 2 (RFC 9578, section 6.1).</summary>
internal sealed class BlindRsaClient : ITokenClient
{
    private readonly BlindRsaPublicKey _key;

    /// <summary>Reads the 342-byte public key.</summary>
    internal BlindRsaClient(ReadOnlySpan<byte> publicKey)
    {
        _key = RsassaPssSpki.Decode(publicKey);
        KeyId = TokenKeyId.Of(publicKey);
    }

    public TokenType Type => TokenType.BlindRsa2048;

    public TokenKeyId KeyId { get; }

    public PendingToken CreateRequest(ReadOnlySpan<byte> challenge)
    {
        Span<byte> nonce = stackalloc byte[TokenSizes.Nonce];
        RandomNumberGenerator.Fill(nonce);
        var input = AuthenticatorInput.Create(Type, nonce, challenge, KeyId);
        return new BlindRsaPendingToken(KeyId, input, BlindedMessage.Create(_key, input));
    }

    /// <summary>The same with given randomness: for test vectors.</summary>
    internal PendingToken CreateRequest(
        ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> blind)
    {
        var input = AuthenticatorInput.Create(Type, nonce, challenge, KeyId);
        return new BlindRsaPendingToken(KeyId, input, BlindedMessage.Create(_key, input, salt, blind));
    }

    public void Dispose() => _key.Dispose();
}
