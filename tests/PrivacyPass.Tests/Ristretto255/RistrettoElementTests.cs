using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PrivacyPass.Ristretto255;

namespace PrivacyPass.Tests.Ristretto255;

/// <summary>RFC 9496, appendix A, and the laws of a group.</summary>
public sealed class RistrettoElementTests
{
    private static readonly BigInteger _order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    [Theory]
    [InlineData(0, "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(1, "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")]
    [InlineData(2, "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919")]
    [InlineData(3, "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259")]
    [InlineData(4, "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57")]
    [InlineData(5, "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e")]
    [InlineData(6, "f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403")]
    [InlineData(7, "44f53520926ec81fbd5a387845beb7df85a96a24ece18738bdcfa6a7822a176d")]
    [InlineData(8, "903293d8f2287ebe10e2374dc1a53e0bc887e592699f02d077d5263cdd55601c")]
    [InlineData(15, "e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e")]
    public void Multiples_of_the_generator_have_the_encodings_of_the_RFC(int multiple, string encoding)
    {
        Assert.Equal(encoding, Encoded(ScalarMultiplication.MultiplyGenerator(Scalar(multiple))));
        var decoded = RistrettoElement.Decode(Convert.FromHexString(encoding));
        Assert.Equal(encoding, Encoded(decoded!.Point));
        Assert.Equal(multiple == 0, decoded.IsIdentity());
    }

    [Theory]
    [InlineData("00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")] // not canonical
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // negative
    [InlineData("01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20")]
    [InlineData("c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562")]
    [InlineData("c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78")]
    [InlineData("47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24")]
    [InlineData("f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72")]
    [InlineData("87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309")]
    [InlineData("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371")] // x^2 has no root
    [InlineData("4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f")]
    [InlineData("de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad87")]
    [InlineData("bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042")]
    [InlineData("2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08")]
    [InlineData("f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22")]
    [InlineData("8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731")]
    [InlineData("2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b")]
    [InlineData("3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e")] // x y is negative
    [InlineData("a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220")]
    [InlineData("d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e")]
    [InlineData("8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32")]
    [InlineData("32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b")]
    [InlineData("227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165")]
    [InlineData("5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e")]
    [InlineData("445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // s = -1, so y = 0
    [InlineData("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d")] // short
    [InlineData("")]
    public void Bytes_that_encode_no_element_are_refused(string encoding) => Assert.Null(RistrettoElement.Decode(Convert.FromHexString(encoding)));

    [Fact]
    public void Of_an_encoding_and_its_negative_only_one_is_read()
    {
        var prime = BigInteger.Pow(2, 255) - 19;
        for (var multiple = 1; multiple < 16; multiple++)
        {
            var encoding = Convert.FromHexString(Encoded(ScalarMultiplication.MultiplyGenerator(Scalar(multiple))));
            var negative = TestIssuers.Bytes(prime - new BigInteger(encoding, isUnsigned: true), 32);
            Array.Reverse(negative);
            Assert.NotNull(RistrettoElement.Decode(encoding));
            Assert.Null(RistrettoElement.Decode(negative));
        }
    }

    [Theory]
    [InlineData("Ristretto is traditionally a short shot of espresso coffee", "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46")]
    [InlineData("made with the normal amount of ground coffee but extracted with", "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b")]
    [InlineData("about half the amount of water in the same amount of time", "006ccd2a9e6867e6a2c5cea83d3302cc9de128dd2a9a57dd8ee7b9d7ffe02826")]
    [InlineData("by using a finer grind.", "f8f0c87cf237953c5890aec3998169005dae3eca1fbb04548c635953c817f92a")]
    [InlineData("This produces a concentrated shot of coffee per volume.", "ae81e7dedf20a497e10c304a765c1767a42d6e06029758d2d7e8ef7cc4c41179")]
    [InlineData("Just pulling a normal shot short will produce a weaker shot", "e2705652ff9f5e44d3e841bf1c251cf7dddb77d140870d1ab2ed64f1a9ce8628")]
    [InlineData("and is not a Ristretto as some believe.", "80bd07262511cdde4863f8a7434cef696750681cb9510eea557088f76d9e5065")]
    public void Elements_derived_from_hashes_are_those_of_the_RFC(string label, string encoding) =>
        Assert.Equal(encoding, Encoded(RistrettoElement.FromUniform(SHA512.HashData(Encoding.ASCII.GetBytes(label))).Point));

    [Fact]
    public void Multiplication_is_that_of_a_group_of_the_order()
    {
        Assert.Equal(Encoded(EdwardsPoint.Identity), Encoded(ScalarMultiplication.MultiplyGenerator(Scalar(_order))));
        Assert.Equal(Encoded(EdwardsPoint.Generator), Encoded(ScalarMultiplication.MultiplyGenerator(Scalar(_order + 1))));
        Check.QuickThrowOnFailure(Prop.ForAll(Pairs.ToArbitrary(), pair =>
        {
            var point = RistrettoElement.FromUniform(SHA512.HashData(pair.Seed)).Point;
            var (a, b) = (Reduced(pair.A), Reduced(pair.B));
            var first = ScalarMultiplication.Multiply(point, Scalar(a));
            var second = ScalarMultiplication.Multiply(point, Scalar(b));
            var sum = Encoded(first + second);
            Assert.Equal(sum, Encoded(ScalarMultiplication.Multiply(point, Scalar((a + b) % _order))));
            Assert.Equal(sum, Encoded(ScalarMultiplication.MultiplySumPublic([point, point], [Scalar(a), Scalar(b)])));
            Assert.Equal(Encoded(ScalarMultiplication.Multiply(first, Scalar(b))), Encoded(ScalarMultiplication.Multiply(second, Scalar(a))));
            Assert.Equal(Encoded(first), Encoded(RistrettoElement.Decode(Convert.FromHexString(Encoded(first)))!.Point));
            // The same element of another coset of the small subgroup, and in other coordinates.
            Assert.Equal(Encoded(first), Encoded(first + ScalarMultiplication.MultiplyGenerator(Scalar(_order))));
        }));
    }

    [Fact]
    public void The_field_is_that_of_big_integers()
    {
        var prime = BigInteger.Pow(2, 255) - 19;
        BigInteger[] edges = [0, 1, 2, 18, 19, prime - 1, prime, prime + 18, BigInteger.Pow(2, 51) - 1, BigInteger.Pow(2, 255) - 1, BigInteger.Pow(2, 204)];
        var number = Gen.OneOf(Gen.Elements(edges), Bytes(32).Select(bytes => new BigInteger(bytes, isUnsigned: true) % BigInteger.Pow(2, 255)));
        Check.QuickThrowOnFailure(Prop.ForAll(number.Two().ToArbitrary(), pair =>
        {
            var (a, b) = (Field(pair.Item1), Field(pair.Item2));
            Assert.Equal((pair.Item1 + pair.Item2) % prime, Number(a + b));
            Assert.Equal((pair.Item1 + prime + prime - pair.Item2) % prime, Number(a - b));
            Assert.Equal(pair.Item1 * pair.Item2 % prime, Number(a * b));
            Assert.Equal(pair.Item1 * pair.Item1 % prime, Number(a.Square()));
            // Sums as factors, as the curve's formulas take them.
            Assert.Equal((pair.Item1 + pair.Item2) * (2 * pair.Item1) % prime, Number((a + b) * (a + a)));
            Assert.Equal((pair.Item1 + pair.Item2) * (pair.Item1 + pair.Item2) % prime, Number((a + b).Square()));
            Assert.Equal(BigInteger.ModPow(pair.Item1, prime - 2, prime), Number(a.Invert()));
            Assert.Equal(pair.Item1 % prime == 0 ? 1UL : 0, a.IsZero());
            Assert.Equal((ulong)(pair.Item1 % prime & 1), a.IsNegative());
            var (root, wasSquare) = FieldElement.RootOfRatio(a, b);
            if (wasSquare == 1) Assert.Equal(Number(a), Number(root.Square() * b));
            else if (pair.Item2 % prime != 0) Assert.Equal(Number(a * FieldElement.RootOfMinusOne), Number(root.Square() * b));
        }));
    }

    private static Gen<(byte[] Seed, byte[] A, byte[] B)> Pairs =>
        from seed in Bytes(8)
        from a in Bytes(32)
        from b in Bytes(32)
        select (seed, a, b);

    private static Gen<byte[]> Bytes(int size) => ArbMap.Default.GeneratorFor<byte>().ArrayOf(size);

    private static BigInteger Reduced(byte[] bytes) => new BigInteger(bytes, isUnsigned: true) % _order;

    private static byte[] Scalar(BigInteger value) => TestIssuers.Bytes(value, 32);

    private static string Encoded(EdwardsPoint point)
    {
        var bytes = new byte[32];
        new RistrettoElement(point).Encode(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static FieldElement Field(BigInteger value)
    {
        var bytes = TestIssuers.Bytes(value, 32);
        Array.Reverse(bytes);
        return FieldElement.FromBytes(bytes);
    }

    private static BigInteger Number(FieldElement element)
    {
        var bytes = new byte[32];
        element.CopyTo(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }
}
