using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>Where metrics and traces are sent: section <c>PrivacyProxy:Telemetry:Otlp</c>.</summary>
internal sealed class OtlpOptions : IValidatableObject
{
    public const string Grpc = "grpc";

    public const string HttpProtobuf = "http/protobuf";

    /// <summary>The collector, <c>http://host:4317</c> for gRPC or <c>http://host:4318</c> for HTTP; <c>/v1/traces</c> and <c>/v1/metrics</c> are added for HTTP. Empty sends nothing.</summary>
    public string? Endpoint { get; set; }

    /// <summary><c>grpc</c> or <c>http/protobuf</c>.</summary>
    public string Protocol { get; set; } = Grpc;

    /// <summary>Headers of every export, <c>name=value,name=value</c>, names and values percent-encoded, such as an API key.</summary>
    [Secret]
    public string? Headers { get; set; }

    /// <summary>How long one export may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often metrics are sent.</summary>
    public TimeSpan MetricsInterval { get; set; } = TimeSpan.FromSeconds(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(Endpoint) && !IsEndpoint(Endpoint))
            yield return new ValidationResult("an http:// or https:// URL, such as http://127.0.0.1:4317", [nameof(Endpoint)]);
        if (Protocol is not (Grpc or HttpProtobuf))
            yield return new ValidationResult($"one of {Grpc}, {HttpProtobuf}", [nameof(Protocol)]);
        if (ReadHeaders() is null)
            yield return new ValidationResult("name=value pairs with commas between, values percent-encoded", [nameof(Headers)]);
        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("00:00:00.1 to 00:01:00", [nameof(Timeout)]);
        if (MetricsInterval < TimeSpan.FromSeconds(1) || MetricsInterval > TimeSpan.FromHours(1))
            yield return new ValidationResult("00:00:01 to 01:00:00", [nameof(MetricsInterval)]);
    }

    private static bool IsEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.Host.Length > 0 && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;

    /// <summary>
    /// <see cref="Headers"/> taken apart at its commas and only then decoded, so that an encoded comma is one of the value; null when an
    /// export could not carry one of them. The SDK decodes first: it is not given them.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>>? ReadHeaders()
    {
        using var export = new HttpRequestMessage();
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var pair in string.IsNullOrEmpty(Headers) ? [] : Headers.Split(','))
        {
            if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, var text]) return null;
            var (key, value) = (Uri.UnescapeDataString(name), Uri.UnescapeDataString(text));
            try
            {
                // What is not ASCII is refused only when it is sent.
                if (!value.All(static c => c is '\t' or >= ' ' and <= '~')) return null;
                export.Headers.Add(key, value);
                headers.Add(new(key, value));
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
            {
                return null;
            }
        }

        return headers;
    }
}
