using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PrivacyPass.AspNetCore.Keys;

/// <summary>The JSON of one key file. Format 1 is documented in docs/issuers.md.</summary>
internal sealed record IssuerKeyFile
{
    public const int CurrentFormat = 1;

    /// <summary>A key file has under 2 KB; more is not ours.</summary>
    public const int LargestFile = 16 * 1024;

    [JsonPropertyName("format"), JsonRequired]
    public int Format { get; init; }

    [JsonPropertyName("token-type"), JsonRequired]
    public ushort Type { get; init; }

    [JsonPropertyName("token-key-id"), JsonRequired]
    public string KeyId { get; init; } = "";

    /// <summary>Unix seconds.</summary>
    [JsonPropertyName("not-before"), JsonRequired]
    public long NotBefore { get; init; }

    /// <summary>Unix seconds.</summary>
    [JsonPropertyName("not-after"), JsonRequired]
    public long NotAfter { get; init; }

    /// <summary>Base64 of the scalar (48 bytes for type 1, 32 for type 5) or of the PKCS#8 DER (types 2 and 0xDA7A).</summary>
    [JsonPropertyName("private-key"), JsonRequired]
    public byte[] PrivateKey { get; init; } = [];

    public static byte[] Encode(IssuerKey key, IIssuerKeyVault vault)
    {
        var privateKey = key.Seal(vault);
        try
        {
            var file = new IssuerKeyFile
            {
                Format = CurrentFormat,
                Type = (ushort)key.Type,
                KeyId = key.KeyId.ToString(),
                NotBefore = key.NotBefore.ToUnixTimeSeconds(),
                NotAfter = key.NotAfter.ToUnixTimeSeconds(),
                PrivateKey = privateKey,
            };
            return JsonSerializer.SerializeToUtf8Bytes(file, IssuerKeyFileJson.Default.IssuerKeyFile);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    /// <exception cref="FormatException">The bytes are not a key file, or the key is not the one they name.</exception>
    public static IssuerKey Decode(ReadOnlySpan<byte> json, IIssuerKeyVault vault)
    {
        var file = Parse(json);
        try
        {
            return ToKey(file, vault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(file.PrivateKey);
        }
    }

    private static IssuerKeyFile Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, IssuerKeyFileJson.Default.IssuerKeyFile) ?? throw new FormatException("it is empty");
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not a JSON key file (line {e.LineNumber + 1 ?? 1})", e);
        }
    }

    private static IssuerKey ToKey(IssuerKeyFile file, IIssuerKeyVault vault)
    {
        if (file.Format != CurrentFormat) throw new FormatException($"its format is {file.Format}, this version reads {CurrentFormat}");
        if (file.NotBefore is < 0 or > uint.MaxValue || file.NotAfter is < 0 or > uint.MaxValue || file.NotAfter <= file.NotBefore)
            throw new FormatException("its not-before and not-after are not a time span");

        var issuer = Import((TokenType)file.Type, file.PrivateKey, vault);
        if (string.Equals(issuer.KeyId.ToString(), file.KeyId, StringComparison.Ordinal))
            return new IssuerKey(issuer, DateTimeOffset.FromUnixTimeSeconds(file.NotBefore), DateTimeOffset.FromUnixTimeSeconds(file.NotAfter));

        issuer.Dispose();
        throw new FormatException("its private key does not belong to its token-key-id");
    }

    private static ITokenIssuer Import(TokenType type, byte[] privateKey, IIssuerKeyVault vault)
    {
        if (!TokenSizes.IsSupported(type)) throw new FormatException($"its token type {(ushort)type} is not supported");
        try
        {
            return vault.Open(type, privateKey);
        }
        catch (TokenIssuanceException e)
        {
            throw new FormatException($"its private key cannot be used: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IssuerKeyFile))]
internal sealed partial class IssuerKeyFileJson : JsonSerializerContext;
