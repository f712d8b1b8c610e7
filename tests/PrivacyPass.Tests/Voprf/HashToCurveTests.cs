using System.Text;
using System.Text.Json;
using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Voprf;

public sealed class HashToCurveTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Hashing_to_the_curve_reproduces_RFC_9380_J_2_1(int index)
    {
        var vector = VectorFile.Read("rfc9380_J2_1_P384_XMD_SHA384_SSWU_RO")[index];
        using var scope = P384.Order.Begin();
        var point = HashToCurve.HashToPoint(scope, Ascii(vector, "msg"), Ascii(vector, "dst"));
        Assert.Equal(Compressed(vector), Encode(scope, point));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Encoding_to_the_curve_reproduces_RFC_9380_J_2_2(int index)
    {
        var vector = VectorFile.Read("rfc9380_J2_2_P384_XMD_SHA384_SSWU_NU")[index];
        using var scope = P384.Order.Begin();
        var point = HashToCurve.EncodeToPoint(scope, Ascii(vector, "msg"), Ascii(vector, "dst"));
        Assert.Equal(Compressed(vector), Encode(scope, point));
    }

    private static byte[] Ascii(JsonElement vector, string name) => Encoding.ASCII.GetBytes(vector.Text(name));

    private static byte[] Encode(PrivacyPass.Native.ModularScope scope, PrivacyPass.Native.EcPoint point)
    {
        var encoded = new byte[P384.ElementSize];
        Assert.True(P384.TryEncodeElement(scope, point, encoded));
        return encoded;
    }

    private static byte[] Compressed(JsonElement vector)
    {
        var point = vector.GetProperty("P");
        var y = Convert.FromHexString(point.Text("y")[2..]);
        return [(byte)(2 + (y[^1] & 1)), .. Convert.FromHexString(point.Text("x")[2..])];
    }
}
