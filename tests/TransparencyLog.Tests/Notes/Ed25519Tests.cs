using System.Security.Cryptography;
using TransparencyLog.Notes;

namespace TransparencyLog.Tests.Notes;

public sealed class Ed25519Tests
{
    /// <summary>RFC 8032, section 7.1.</summary>
    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    public void Keys_and_signatures_are_those_of_the_RFC(string seed, string publicKey, string message, string signature)
    {
        using var key = Ed25519.FromSeed(Convert.FromHexString(seed));
        using var check = Ed25519.FromPublicKey(Convert.FromHexString(publicKey));
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.ExportPublicKey()));
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(Convert.FromHexString(message))));
        Assert.True(check.Verify(Convert.FromHexString(message), Convert.FromHexString(signature)));
    }

    [Fact]
    public void Another_message_or_signature_is_not_good()
    {
        using var key = Ed25519.FromSeed(new byte[32]);
        var signature = key.Sign("yes"u8);
        Assert.False(key.Verify("no"u8, signature));
        Assert.False(key.Verify("yes"u8, signature.AsSpan(1)));
        for (var bit = 0; bit < signature.Length * 8; bit += 7)
        {
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.Verify("yes"u8, signature));
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(key.Verify("yes"u8, signature));
    }

    [Fact]
    public void Bytes_that_are_no_key_are_refused() => Assert.Throws<CryptographicException>(() => Ed25519.FromSeed(new byte[31]));
}
