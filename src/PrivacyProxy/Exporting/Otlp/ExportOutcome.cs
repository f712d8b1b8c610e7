using System.Net.Sockets;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>
/// Watches an exporter's HTTP exchanges, since the SDK says only that an export failed. Keeps why in words of ours:
/// what a collector or an exception says could repeat a header.
/// </summary>
internal sealed class ExportOutcome() : DelegatingHandler(NewTransport())
{
    private const string GrpcStatus = "grpc-status";

    private HttpResponseMessage? _answer;
    private Exception? _failure;

    /// <summary>True when the last exchange ended without any answer of the collector: then no signal can be sent.</summary>
    public bool Unreachable => _failure is HttpRequestException;

    /// <summary>Why the last export failed.</summary>
    public string Reason => _failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name cannot be resolved",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "no TLS connection with it can be made",
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "it refuses connections",
        HttpRequestException exception => $"it cannot be reached, {exception.HttpRequestError}",
        OperationCanceledException => "it did not answer in time",
        { } exception => exception.GetType().Name,
        null when _answer is { IsSuccessStatusCode: false } answer => $"it answered with status {(int)answer.StatusCode}",
        null when _answer is { } answer && Status(answer) is { } status => $"it answered with gRPC status {status}",
        null => "its answer cannot be read",
    };

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        (_answer, _failure) = (null, null);
        try
        {
            return _answer = base.Send(request, cancellationToken);
        }
        catch (Exception exception)
        {
            _failure = exception;
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        (_answer, _failure) = (null, null);
        try
        {
            return _answer = await base.SendAsync(request, cancellationToken);
        }
        catch (Exception exception)
        {
            _failure = exception;
            throw;
        }
    }

    /// <summary>A number, or nothing: gRPC sends it in the head when there is no body, else in the trailers.</summary>
    private static int? Status(HttpResponseMessage answer) =>
        (answer.Headers.TryGetValues(GrpcStatus, out var values) || answer.TrailingHeaders.TryGetValues(GrpcStatus, out values))
        && int.TryParse(values.First(), out var status) ? status : null;

    private static SocketsHttpHandler NewTransport() => new()
    {
        // A redirect would take the headers, and the keys in them, elsewhere.
        AllowAutoRedirect = false,
        UseCookies = false,
        // So that a collector that moved in DNS is found.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
}
