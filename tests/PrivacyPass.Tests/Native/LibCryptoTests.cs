using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.Tests.Native;

public sealed class LibCryptoTests
{
    [Fact]
    public void A_failed_call_throws_with_its_name_and_leaves_no_error_behind()
    {
        var error = Assert.Throws<CryptographicException>(() => EvpKey.FromRsaPrivateKey([1, 2, 3]));
        Assert.Contains("d2i_AutoPrivateKey", error.Message, StringComparison.Ordinal);
        Assert.Equal(0u, LibCrypto.ERR_get_error());
    }

    [Fact]
    public void A_number_without_an_inverse_gives_none_and_leaves_no_error_behind()
    {
        using var modulus = new Modulus([15]);
        using var scope = modulus.Begin();
        Assert.Null(scope.Invert(scope.FromBytes([5])));
        Assert.Equal(0u, LibCrypto.ERR_get_error());
        var inverse = new byte[1];
        scope.Invert(scope.FromBytes([2]))!.CopyTo(inverse);
        Assert.Equal(8, inverse[0]);
    }

    [Fact]
    public void A_number_too_large_for_its_destination_throws()
    {
        using var number = BigNumber.FromHex("010000");
        Assert.Throws<CryptographicException>(() => number.CopyTo(new byte[2]));
        var padded = new byte[5];
        number.CopyTo(padded);
        Assert.Equal([0, 0, 1, 0, 0], padded);
    }

    [Fact]
    public void A_freed_value_cannot_be_used()
    {
        var number = BigNumber.Create();
        number.Dispose();
        Assert.Throws<ObjectDisposedException>(() => number.IsZero);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(52)]
    [InlineData(111)]
    [InlineData(112)]
    [InlineData(1000)]
    public void SHA_384_is_that_of_the_platform(int size)
    {
        var data = RandomNumberGenerator.GetBytes(size);
        var hash = new byte[48];
        Sha384.HashData(data, hash);
        Assert.Equal(SHA384.HashData(data), hash);
    }
}
