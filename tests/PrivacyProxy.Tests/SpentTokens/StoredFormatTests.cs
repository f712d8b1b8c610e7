using System.Text;
using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Memcached.Fleet;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens;

/// <summary>
/// What two versions side by side share, byte for byte as version 0.2 writes it. Who changes any of it must raise
/// <see cref="FleetPlacement.Format"/>, or proxies of both versions would accept the same token.
/// </summary>
public sealed class StoredFormatTests
{
    [Fact]
    public void The_key_of_a_spent_token_is_the_one_that_others_look_for()
    {
        var token = Token();
        Span<byte> text = stackalloc byte[SpentTokenKey.TextLength];
        token.Key.WriteText(text);
        Assert.Equal("qcu64oC3R9FOk-SsYLc7SfKrx2zDgD4GsKk4Bveyg5M", Encoding.ASCII.GetString(text));
    }

    [Fact]
    public void The_command_that_spends_it_is_the_one_that_others_understand()
    {
        var encoder = new CommandEncoder("pp:");
        Span<byte> command = stackalloc byte[encoder.LongestCommand];
        var length = encoder.WriteAdd(command, Token().Key, 1_800_000_000);
        Assert.Equal("add pp:qcu64oC3R9FOk-SsYLc7SfKrx2zDgD4GsKk4Bveyg5M 0 1800000000 1\r\n1\r\n", Encoding.ASCII.GetString(command[..length]));
    }

    [Fact]
    public void The_record_of_a_fleet_is_the_one_that_others_read()
    {
        MemcachedOptions options = new() { Servers = ["a:1", "b:1", "c:1"], Replicas = 3 };
        Assert.Equal("3:Nodes:3:ed1bce7af23f8c3c:pp:", FleetPlacement.Of(options).ToString());
    }

    /// <summary>Of type 2: nonce 11..., challenge digest 33..., key id 22..., any authenticator.</summary>
    private static SpentToken Token()
    {
        var bytes = new byte[TokenSizes.Token(TokenType.BlindRsa2048)];
        bytes[1] = 2;
        bytes.AsSpan(2, 32).Fill(0x11);
        bytes.AsSpan(34, 32).Fill(0x33);
        bytes.AsSpan(66, 32).Fill(0x22);
        Assert.True(TokenView.TryRead(bytes, out var view));
        return SpentToken.Of(view, expires: 1_800_000_000);
    }
}
