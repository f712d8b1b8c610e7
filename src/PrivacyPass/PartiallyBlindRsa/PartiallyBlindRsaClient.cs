using System.Security.Cryptography;
using PrivacyPass.BlindRsa;

namespace PrivacyPass.PartiallyBlindRsa;

/// <summary>Makes requests for tokens of type 0xDA7A (draft-ietf-privacypass-public-metadata-issuance, section 4.1).</summary>
internal sealed class PartiallyBlindRsaClient : IExtendedTokenClient
{
    private readonly BlindRsaPublicKey _key;

    /// <summary>Reads the 342-byte public key.</summary>
    internal PartiallyBlindRsaClient(ReadOnlySpan<byte> publicKey)
    {
        _key = RsassaPssSpki.Decode(publicKey);
        KeyId = TokenKeyId.Of(publicKey);
    }

    public TokenType Type => TokenType.PartiallyBlindRsa2048;

    public TokenKeyId KeyId { get; }

    public PendingToken CreateRequest(ReadOnlySpan<byte> challenge) => CreateRequest(challenge, TokenExtensions.Empty);

    public PendingToken CreateRequest(ReadOnlySpan<byte> challenge, TokenExtensions extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        Span<byte> nonce = stackalloc byte[TokenSizes.Nonce];
        Span<byte> salt = stackalloc byte[EmsaPss.SaltSize];
        RandomNumberGenerator.Fill(nonce);
        RandomNumberGenerator.Fill(salt);
        return CreateRequest(challenge, extensions, nonce, salt[.._key.SaltSize], blind: default);
    }

    /// <summary>The same with given randomness, a random blind where that is empty: for test vectors.</summary>
    internal PendingToken CreateRequest(
        ReadOnlySpan<byte> challenge, TokenExtensions extensions, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> blind)
    {
        var input = AuthenticatorInput.Create(Type, nonce, challenge, KeyId);
        var metadata = extensions.Encoded.Span;
        var key = MetadataKey.Derive(_key, metadata);
        try
        {
            return new PartiallyBlindRsaPendingToken(KeyId, input, extensions, key, BlindedMessage.Create(key, MetadataKey.Message(metadata, input), salt, blind));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public void Dispose() => _key.Dispose();
}
