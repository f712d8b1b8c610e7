using System.Buffers;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Redemption;

/// <summary>A token with nothing wrong that can be seen without I/O or its signature. Its bytes are pooled: <see cref="Release"/> it once.</summary>
internal readonly struct RedemptionCandidate
{
    private readonly byte[] _buffer;
    private readonly int _length;
    private readonly int _extensionsLength;

    /// <summary>Bytes to rent: for the largest token and, after it, extensions.</summary>
    public const int BufferSize = TokenSizes.LargestToken + TokenExtensions.LargestRead;

    /// <param name="buffer">Rented from the shared pool; the candidate's from now on.</param>
    /// <param name="length">How many bytes of it are the token.</param>
    /// <param name="extensionsLength">How many bytes from <see cref="TokenSizes.LargestToken"/> on are its extensions.</param>
    /// <param name="token">The same token, read.</param>
    /// <param name="key">The key it was made with.</param>
    public RedemptionCandidate(byte[] buffer, int length, int extensionsLength, in TokenView token, AcceptedKey key)
    {
        (_buffer, _length, _extensionsLength, Key) = (buffer, length, extensionsLength, key);
        Token = SpentToken.Of(token, key.Expires);
    }

    public AcceptedKey Key { get; }

    /// <summary>What the store is asked about.</summary>
    public SpentToken Token { get; }

    /// <summary>Whether the authenticator is the issuer's: some 30 us for type 2, up to a millisecond for the others.</summary>
    public bool Verify() => TokenView.TryRead(_buffer.AsSpan(0, _length), out var token)
        && Key.Verifier.Verify(token.WithExtensions(_buffer.AsSpan(TokenSizes.LargestToken, _extensionsLength)));

    public void Release() => ArrayPool<byte>.Shared.Return(_buffer);
}
