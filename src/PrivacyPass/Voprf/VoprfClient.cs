using System.Security.Cryptography;

namespace PrivacyPass.Voprf;

/// <summary>Makes requests for tokens of types 1 and 5 (RFC 9578, section 5.1), singly and in amortized batches.</summary>
internal sealed class VoprfClient : IBatchTokenClient
{
    private readonly VoprfTokenType _type;
    private readonly VoprfPublicKey _key;

    /// <summary>Reads a public key.</summary>
    internal VoprfClient(VoprfTokenType type, ReadOnlySpan<byte> publicKey)
    {
        _type = type;
        _key = new VoprfPublicKey(type.Suite, publicKey);
        KeyId = TokenKeyId.Of(publicKey);
    }

    public TokenType Type => _type.Type;

    public TokenKeyId KeyId { get; }

    public PendingToken CreateRequest(ReadOnlySpan<byte> challenge)
    {
        var input = RandomInput(challenge);
        return new VoprfPendingToken(_type, _key, KeyId, input, BlindedInput.Create(_type.Suite, input));
    }

    /// <summary>The same with given randomness: for test vectors.</summary>
    internal PendingToken CreateRequest(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> blind)
    {
        var input = AuthenticatorInput.Create(Type, nonce, challenge, KeyId);
        return new VoprfPendingToken(_type, _key, KeyId, input, BlindedInput.Create(_type.Suite, input, blind));
    }

    public PendingTokenBatch CreateBatchRequest(ReadOnlySpan<byte> challenge, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, PendingTokenBatch.MostTokens);
        var inputs = new byte[count][];
        var blinded = new BlindedInput[count];
        for (var i = 0; i < count; i++)
        {
            inputs[i] = RandomInput(challenge);
            blinded[i] = BlindedInput.Create(_type.Suite, inputs[i]);
        }

        return new VoprfPendingTokenBatch(_type, _key, KeyId, inputs, blinded);
    }

    /// <summary>The same with given randomness: for test vectors.</summary>
    internal PendingTokenBatch CreateBatchRequest(byte[] challenge, IReadOnlyList<byte[]> nonces, IReadOnlyList<byte[]> blinds)
    {
        byte[][] inputs = [.. nonces.Select(nonce => AuthenticatorInput.Create(Type, nonce, challenge, KeyId))];
        return new VoprfPendingTokenBatch(_type, _key, KeyId, inputs, [.. inputs.Zip(blinds, (input, blind) => BlindedInput.Create(_type.Suite, input, blind))]);
    }

    public void Dispose()
    {
        // A public key holds nothing to free.
    }

    private byte[] RandomInput(ReadOnlySpan<byte> challenge)
    {
        Span<byte> nonce = stackalloc byte[TokenSizes.Nonce];
        RandomNumberGenerator.Fill(nonce);
        return AuthenticatorInput.Create(Type, nonce, challenge, KeyId);
    }
}
