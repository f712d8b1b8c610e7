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

    /// <summary>Headers of every export, <c>name=value,name=value</c>, such as an API key.</summary>
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
        if (!string.IsNullOrEmpty(Headers) && !Headers.Split(',').All(IsHeader))
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

    /// <summary>Whether every export could carry it.</summary>
    private static bool IsHeader(string pair)
    {
        if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, var value]) return false;
        try
        {
            using var export = new HttpRequestMessage();
            export.Headers.Add(name, Uri.UnescapeDataString(value));
            return true;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }
}
