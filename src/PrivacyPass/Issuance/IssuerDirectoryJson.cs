using System.Buffers;
using System.Text;
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
    private const string BatchLimits = "batch-limits";
    private const string Amortized = "amortized";
    private const string Generic = "generic";

    private static readonly JsonDocumentOptions _readerOptions = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    // Base64url and URIs need no escapes for HTML; without them the bytes are those a person would write.
    private static readonly JsonWriterOptions _writerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IssuerDirectoryError TryRead(ReadOnlySpan<byte> utf8Json, out IssuerDirectory? directory)
    {
        directory = null;
        if (utf8Json.Length > IssuerDirectory.MaxSize) return IssuerDirectoryError.TooLarge;
        // A mark that some editors write before JSON, which a reader may ignore (RFC 8259, section 8.1).
        if (utf8Json.StartsWith(Encoding.UTF8.Preamble)) utf8Json = utf8Json[Encoding.UTF8.Preamble.Length..];
        try
        {
            using var document = JsonDocument.Parse(utf8Json.ToArray(), _readerOptions);
            return TryRead(document.RootElement, out directory);
        }
        catch (JsonException)
        {
            return IssuerDirectoryError.NotJson;
        }
    }

    public static byte[] Write(IssuerDirectory directory)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, _writerOptions);
        json.WriteStartObject();
        if (directory.IssuerRequestUri is { } requestUri) json.WriteString(RequestUri, requestUri);
        if (directory.BatchLimits is { } limits)
        {
            json.WriteStartObject(BatchLimits);
            json.WriteNumber(Amortized, limits.Amortized);
            json.WriteNumber(Generic, limits.Generic);
            json.WriteEndObject();
        }

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
        if (Member(root, TokenKeys) is not { ValueKind: JsonValueKind.Array } entries) return IssuerDirectoryError.NoTokenKeys;

        var keys = new List<IssuerDirectoryKey>();
        var skipped = new List<SkippedDirectoryKey>();
        var index = -1;
        foreach (var entry in entries.EnumerateArray())
        {
            index++;
            var (key, type, problem) = ReadKey(entry);
            if (key is not null && keys.Count == IssuerDirectory.MaxKeys) problem = $"more than {IssuerDirectory.MaxKeys} keys are listed";
            else if (key is not null) keys.Add(key);
            // What a type we do not know makes of its members is not ours to judge.
            if (problem is not null && (type is null || TokenSizes.IsSupported((TokenType)type))) skipped.Add(new SkippedDirectoryKey(index, type, problem));
        }

        var requestUri = Member(root, RequestUri) is { } value ? Text(value) : null;
        directory = new IssuerDirectory(IssuerDirectory.IsRequestUri(requestUri) ? requestUri : null, keys, skipped, ReadLimits(root));
        return IssuerDirectoryError.None;
    }

    /// <summary>What is no sensible number is no batch.</summary>
    private static IssuerBatchLimits? ReadLimits(JsonElement root)
    {
        if (Member(root, BatchLimits) is not { ValueKind: JsonValueKind.Object } limits) return null;
        return new IssuerBatchLimits(Limit(Amortized), Limit(Generic));
        int Limit(string name) => Member(limits, name) is { } number && Integer(number) is > 0 and <= PendingTokenBatch.MostTokens and var value ? (int)value : 0;
    }

    /// <summary>Reads one entry: the key, or what is wrong with it; the type when at least that is there.</summary>
    private static (IssuerDirectoryKey? Key, ushort? Type, string? Problem) ReadKey(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object) return (null, null, "not an object");
        if (Member(entry, TokenType) is not { } number || Integer(number) is not (>= 0 and <= ushort.MaxValue and var wide)) return (null, null, $"{TokenType} is not an integer of two bytes");
        var type = (ushort)wide;
        if (Member(entry, TokenKey) is not { } field || Text(field) is not { Length: > 0 } text) return (null, type, $"{TokenKey} is not a text");
        if (PaddedBase64Url.Decode(text, out _) is not { } key) return (null, type, $"{TokenKey} is not canonical base64url");
        if (TokenSizes.IsSupported((TokenType)type) && TokenCryptography.ProblemOf((TokenType)type, key) is { } unusable) return (null, type, unusable);
        if (!TryGetTime(entry, NotBefore, out var notBefore)) return (null, type, $"{NotBefore} is not a time in Unix seconds");
        if (!TryGetTime(entry, NotAfter, out var notAfter)) return (null, type, $"{NotAfter} is not a time in Unix seconds");
        return (new IssuerDirectoryKey(type, key, notBefore, notAfter), type, null);
    }

    /// <summary>The member of a name, the last when there are several; a name that is no Unicode is none that is looked for.</summary>
    private static JsonElement? Member(JsonElement element, string name)
    {
        JsonElement? found = null;
        foreach (var property in element.EnumerateObject())
            if (IsNamed(property, name)) found = property.Value;
        return found;
    }

    // System.Text.Json finds names and strings with escaped lone surrogates only when they are looked at, and reports them with this exception.
    private static bool IsNamed(JsonProperty property, string name)
    {
        try
        {
            return property.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A whole number however it is written: JSON makes no difference between 1700000000, 1.7e9 and 1700000000.0.</summary>
    private static long? Integer(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number) return null;
        if (value.TryGetInt64(out var plain)) return plain;
        return value.TryGetDecimal(out var exact) && decimal.IsInteger(exact) && exact is >= long.MinValue and <= long.MaxValue ? (long)exact : null;
    }

    /// <summary>Unix seconds; absent and null are no time, a number out of range or of another kind is an error.</summary>
    private static bool TryGetTime(JsonElement entry, string name, out DateTimeOffset? time)
    {
        time = null;
        if (Member(entry, name) is not { ValueKind: not JsonValueKind.Null } value) return true;
        if (Integer(value) is not { } seconds) return false;
        if (seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds() || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return false;
        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }
}
