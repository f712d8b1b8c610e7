using PrivacyPass.Http;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Credential fields and the tokens in them.</summary>
internal static class Credentials
{
    public static KeyValuePair<string, string> Field(string authorization) => KeyValuePair.Create("Proxy-Authorization", authorization);

    /// <summary>As RFC 9577 writes it: quoted and padded.</summary>
    public static string Token(string token) => $"PrivateToken token=\"{token}\"";

    public static string Preshared(string key) => $"Preshared {key}";

    public static byte[] Decode(string token) =>
        PaddedBase64Url.Decode(token, out _) ?? throw new FormatException($"'{token}' is no base64url");

    /// <summary>The same token after a change of its bytes.</summary>
    public static string Altered(string token, Func<byte[], byte[]> change) => PaddedBase64Url.Encode(change(Decode(token)));

    /// <summary>The same token with one bit flipped.</summary>
    public static string Flipped(string token, Index position) => Altered(token, bytes =>
    {
        bytes[position] ^= 1;
        return bytes;
    });
}
