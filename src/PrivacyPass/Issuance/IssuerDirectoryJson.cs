using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using PrivacyPass.Http;

namespace PrivacyPass.Issuance;

/// <summary>The JSON form of <see cref="IssuerDirectory"/>.</summary>
internal static class IssuerDirectoryJson
{
    private const string RequestUri = "issuer-request-uri";
    private const string TokenKeys = "token-keys";
    private const string TokenType = "token-type";
    private const string TokenKey = "token-key";
    private const string NotBefore = "not-before";
    private const string NotAfter = "not-after";

    private static readonly JsonDocumentOptions _readerOptions = new() { AllowTrailingCommas = true, MaxDepth = 16 };

    // Base64url and URIs need no escapes for HTML; without them the bytes are those a person would write.
    private static readonly JsonWriterOptions _writerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IssuerDirectoryError TryRead(ReadOnlySpan<byte> utf8Json, out IssuerDirectory? directory)
    {
        directory = null;
        if (utf8Json.Length > IssuerDirectory.MaxSize) return IssuerDirectoryError.TooLarge;
        try
        {
            using var document = JsonDocument.Parse(utf8Json.ToArray(), _readerOptions);
            return TryRead(document.RootElement, out directory);
        }
        // System.Text.Json reports names and strings with escaped lone surrogates only when they are looked at, and with this exception.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return IssuerDirectoryError.NotJson;
        }
    }

    public static byte[] Write(IssuerDirectory directory)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, _writerOptions);
        json.WriteStartObject();
        json.WriteString(RequestUri, directory.IssuerRequestUri);
        json.WriteStartArray(TokenKeys);
        foreach (var key in directory.TokenKeys)
        {
            json.WriteStartObject();
            json.WriteNumber(TokenType, key.TokenType);
            json.WriteString(TokenKey, PaddedBase64Url.Encode(key.TokenKey.Span));
            if (key.NotBefore is { } notBefore) json.WriteNumber(NotBefore, notBefore.ToUnixTimeSeconds());
            if (key.NotAfter is { } notAfter) json.WriteNumber(NotAfter, notAfter.ToUnixTimeSeconds());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static IssuerDirectoryError TryRead(JsonElement root, out IssuerDirectory? directory)
    {
        directory = null;
        if (root.ValueKind != JsonValueKind.Object) return IssuerDirectoryError.NotJson;
        if (!TryGetText(root, RequestUri, out var requestUri) || !IssuerDirectory.IsRequestUri(requestUri)) return IssuerDirectoryError.BadRequestUri;
        if (!root.TryGetProperty(TokenKeys, out var entries) || entries.ValueKind != JsonValueKind.Array) return IssuerDirectoryError.NoTokenKeys;
        if (entries.GetArrayLength() > IssuerDirectory.MaxKeys) return IssuerDirectoryError.TooManyKeys;

        var keys = new List<IssuerDirectoryKey>();
        foreach (var entry in entries.EnumerateArray())
        {
            if (TryReadKey(entry, out var type) is { } key) keys.Add(key);
            else if (type is null || TokenSizes.IsSupported((TokenType)type)) return IssuerDirectoryError.BadTokenKey;
        }

        directory = new IssuerDirectory(requestUri, keys);
        return IssuerDirectoryError.None;
    }

    /// <summary>Reads one entry; null when it cannot be, with the type when at least that is there.</summary>
    private static IssuerDirectoryKey? TryReadKey(JsonElement entry, out ushort? type)
    {
        type = null;
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty(TokenType, out var number) || number.ValueKind != JsonValueKind.Number
            || !number.TryGetUInt16(out var value)) return null;
        type = value;
        return TryGetText(entry, TokenKey, out var text) && PaddedBase64Url.Decode(text, out _) is { Length: > 0 } key
            && TryGetTime(entry, NotBefore, out var notBefore) && TryGetTime(entry, NotAfter, out var notAfter)
            ? new IssuerDirectoryKey(value, key, notBefore, notAfter)
            : null;
    }

    private static bool TryGetText(JsonElement element, string name, out string text)
    {
        text = "";
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String) return false;
        text = value.GetString()!;
        return true;
    }

    /// <summary>Unix seconds; absent and null are no time, a number out of range or of another kind is an error.</summary>
    private static bool TryGetTime(JsonElement element, string name, out DateTimeOffset? time)
    {
        time = null;
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var seconds)) return false;
        if (seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds() || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return false;
        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }
}
