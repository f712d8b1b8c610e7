using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.Issuance;

namespace PrivacyPass.Tests.Structures;

public sealed class TokenViewTests
{
    [Theory]
    [InlineData(0x0001, 146)]
    [InlineData(0x0002, 354)]
    public void Only_the_exact_length_of_the_type_is_a_token(int type, int size)
    {
        for (var length = 0; length < 400; length++)
        {
            var expected = length == size ? TokenReadError.None : TokenReadError.WrongLength;
            Assert.Equal(expected, TokenView.Read(Bytes(type, length), out _));
        }
    }

    [Theory]
    [InlineData(0x0001, 52)]
    [InlineData(0x0002, 259)]
    [InlineData(0x0005, 35)]
    public void Only_the_exact_length_of_the_type_is_a_token_request(int type, int size)
    {
        for (var length = 0; length < 300; length++) Assert.Equal(length == size, TokenRequestView.TryRead(Bytes(type, length), out _));
    }

    [Fact]
    public void Every_token_type_is_supported_greased_or_unsupported()
    {
        for (var type = 0; type <= ushort.MaxValue; type++)
        {
            var error = TokenView.Read(Bytes(type, 3), out _);
            var expected = type is 1 or 2 or 5 or 0xDA7A ? TokenReadError.WrongLength
                : GreasedTokenTypes.All.Contains((ushort)type) ? TokenReadError.GreasedType : TokenReadError.UnsupportedType;
            Assert.Equal(expected, error);
        }
    }

    [Fact]
    public void The_greased_types_are_the_17_of_RFC_9577()
    {
        Assert.Equal(17, GreasedTokenTypes.All.Distinct().Count());
        Assert.All(GreasedTokenTypes.All, type => Assert.True(GreasedTokenTypes.IsGreased(type)));
        Assert.False(GreasedTokenTypes.IsGreased(0x0001));
        Assert.False(GreasedTokenTypes.IsGreased(0x0002));
    }

    [Property]
    public Property The_parts_of_a_token_make_up_the_whole() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var bytes = Bytes(0x0002, 354);
        new Random(seed).NextBytes(bytes.AsSpan(2));
        if (!TokenView.TryRead(bytes, out var token)) return false;
        byte[] whole = [0, 2, .. token.Nonce, .. token.ChallengeDigest, .. token.KeyId.ToArray(), .. token.Authenticator];
        byte[] split = [.. token.AuthenticatorInput, .. token.Authenticator];
        return whole.AsSpan().SequenceEqual(bytes) && split.AsSpan().SequenceEqual(bytes);
    });

    private static byte[] Bytes(int type, int length)
    {
        var bytes = new byte[length];
        if (length >= 2) BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)type);
        return bytes;
    }
}
