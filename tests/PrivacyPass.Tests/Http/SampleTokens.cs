using System.Buffers.Binary;
using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

/// <summary>Tokens that are well formed without being signed, and their encodings.</summary>
internal static class SampleTokens
{
    /// <summary>354 bytes; 472 characters, which never need padding.</summary>
    public static byte[] Type2 { get; } = Make(0x0002, 354);

    /// <summary>146 bytes; 195 characters and one '='.</summary>
    public static byte[] Type1 { get; } = Make(0x0001, 146);

    public static string Padded2 => PaddedBase64Url.Encode(Type2);

    public static string Padded1 => PaddedBase64Url.Encode(Type1);

    public static string Unpadded1 => Padded1.TrimEnd('=');

    public static byte[] Make(ushort type, int size)
    {
        var token = new byte[size];
        new Random(type + size).NextBytes(token);
        if (size >= 2) BinaryPrimitives.WriteUInt16BigEndian(token, type);
        return token;
    }
}
