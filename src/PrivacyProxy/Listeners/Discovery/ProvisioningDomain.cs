using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PrivacyProxy.Listeners.Templated;

namespace PrivacyProxy.Listeners.Discovery;

/// <summary>The proxy as a provisioning domain (RFC 8801, draft-ietf-intarea-proxy-config): where its tunnels are opened, and whose tokens pay for them.</summary>
/// <param name="Name">The proxy's public name, the port included unless 443.</param>
/// <param name="Alpn">The HTTP versions spoken there, best first.</param>
/// <param name="Resources">The templated tunnels, one of each kind.</param>
/// <param name="Issuers">The issuers whose tokens are taken.</param>
internal sealed record ProvisioningDomain(HostString Name, IReadOnlyList<string> Alpn, IReadOnlyList<TunnelResource> Resources, IReadOnlyList<TrustedIssuer> Issuers)
{
    public const string MediaType = "application/pvd+json";

    private const int HttpsPort = 443;

    /// <summary>Keys of one's own have an underscore there; nothing standard names issuers yet.</summary>
    private const string TokensKey = "privacyproxy_privatetoken";

    // Templates and base64url need no escapes for HTML.
    private static readonly JsonWriterOptions _writerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON that says so until <paramref name="expires"/>.</summary>
    public byte[] WriteJson(DateTimeOffset expires)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, _writerOptions);
        json.WriteStartObject();
        // The name in the certificate, which clients compare.
        json.WriteString("identifier", Name.Host);
        json.WriteString("expires", expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteStartArray("prefixes");
        json.WriteEndArray();
        json.WriteStartArray("proxies");
        WriteProxy(json, "https-connect", $"{Name.Host}:{Name.Port ?? HttpsPort}");
        foreach (var resource in Resources) WriteProxy(json, TunnelResources.TokenOf(resource.Kind), $"https://{Name}{resource.Template}");
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteProxy(Utf8JsonWriter json, string protocol, string proxy)
    {
        json.WriteStartObject();
        json.WriteString("protocol", protocol);
        json.WriteString("proxy", proxy);
        json.WriteString("identifier", protocol);
        WriteStrings(json, "alpn", Alpn);
        // Not "mandatory": who does not know the key learns the issuers from the challenge.
        if (Issuers.Count > 0) WriteIssuers(json);
        json.WriteEndObject();
    }

    private void WriteIssuers(Utf8JsonWriter json)
    {
        json.WriteStartArray(TokensKey);
        foreach (var issuer in Issuers)
        {
            json.WriteStartObject();
            json.WriteString("issuer", issuer.Name);
            if (issuer.Directory is { } directory) json.WriteString("directory", directory);
            json.WriteStartArray("token-types");
            foreach (var type in issuer.TokenTypes) json.WriteNumberValue(type);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
