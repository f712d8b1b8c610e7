using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Exporting;

/// <summary>The meters whose instruments are shown at <c>/metrics</c> and sent to a collector.</summary>
internal static class ExportedMeters
{
    /// <summary>The proxy's own, then the web server's, its requests' and the runtime's. None of them tags a client's address or a destination.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [ProxyMeter.Name, "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting", "System.Runtime"];
}
