namespace PrivacyProxy.Exporting;

/// <summary>Endpoints that are only read: GET, HEAD as GET without a body (RFC 9110, section 9.3.2), 405 with Allow for every other method.</summary>
internal static class ReadEndpoint
{
    private static readonly string[] _methods = [HttpMethods.Get, HttpMethods.Head];

    public static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder app, string path, Delegate handler) => app.MapMethods(path, _methods, handler);
}
