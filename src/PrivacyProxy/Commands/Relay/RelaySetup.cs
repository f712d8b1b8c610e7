using System.Net;
using PrivacyRelay.Configuration;

namespace PrivacyProxy.Commands.Relay;

/// <summary>Makes the options of a relay from its settings.</summary>
internal static class RelaySetup
{
    /// <exception cref="FormatException">A setting is not valid; the message names it, its value and what is expected.</exception>
    public static RelayOptions Options(RelaySettings settings)
    {
        var options = new RelayOptions
        {
            Listen = EndPoint(settings.Listen),
            Hops = Hops(settings.Proxies, settings.Issuers, settings.PresharedKeys),
            Upstream = settings.Upstream,
            TrustedRoots = TrustedRoots.Read("--proxy-ca", settings.ProxyCa is { } file ? new FileInfo(file) : null),
            Geohash = settings.Geohash,
            MaxConnections = settings.MaxConnections,
            HandshakeTimeout = settings.HandshakeTimeout,
            ConnectTimeout = settings.ConnectTimeout,
            IdleTimeout = settings.IdleTimeout,
            MaxUdpAssociations = settings.MaxUdpAssociations,
            MaxUdpDestinations = settings.MaxUdpDestinations,
            UdpIdleTimeout = settings.UdpIdleTimeout,
            TokensAhead = new TokensAhead(settings.TokensLow, settings.TokensHigh),
        };
        return RelayOptionsValidator.Fault(options) is { } fault ? throw new FormatException(fault) : options;
    }

    private static IPEndPoint EndPoint(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint) && !text.EndsWith(']')
            ? endPoint
            : throw new FormatException($"--listen: '{text}' is not an address and port such as 127.0.0.1:1080.");

    private static HopOptions[] Hops(IList<string> proxies, IList<string> issuers, IList<string> keys) =>
        [.. proxies.Select((url, i) => new HopOptions
        {
            Proxy = Url("--proxy", url),
            Issuer = OneOf("--issuer", issuers, i, proxies.Count) is { } issuer ? Url("--issuer", issuer) : null,
            PresharedKey = OneOf("--psk", keys, i, proxies.Count),
        })];

    private static string? OneOf(string option, IList<string> values, int index, int proxies)
    {
        if (values.Count is 0) return null;
        if (values.Count == 1) return values[0];
        return values.Count == proxies ? values[index] : throw new FormatException($"{option}: {values.Count} given for {proxies} proxies, expected one for each or one for all.");
    }

    private static Uri Url(string option, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : throw new FormatException($"{option}: '{text}' is not a URL.");
}
