using System.Security.Cryptography;
using PrivacyPass;
using PrivacyPass.Issuance;

namespace PrivacyProxy.Tests.Auditing;

/// <summary>Directories that parse; their keys need not be keys.</summary>
internal static class TestDirectories
{
    public static byte[] Of(params ITokenIssuer[] keys) => new IssuerDirectory("/token-request", keys.Select(static key => new IssuerDirectoryKey((ushort)key.Type, key.PublicKey))).WriteJson();

    /// <summary>Of a type that is not known here, so that any bytes do.</summary>
    public static byte[] WithKeys(params int[] keys) => new IssuerDirectory("/token-request", keys.Select(static key => new IssuerDirectoryKey(0x7777, SHA256.HashData([(byte)key])))).WriteJson();
}
