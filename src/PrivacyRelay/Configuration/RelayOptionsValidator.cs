using System.Net.Quic;

namespace PrivacyRelay.Configuration;

/// <summary>Checks a relay's settings before anything starts.</summary>
internal static class RelayOptionsValidator
{
    private const int MostConnections = 65_536;
    private const int MostUdpDestinations = 4_096;
    private const int MostTokens = 1_000;

    /// <summary>The section that limits are configured in.</summary>
    private const string Section = "PrivacyRelay:";

    /// <summary>The first fault as a sentence that names the setting, its value and what is allowed; null when all is well.</summary>
    public static string? Fault(RelayOptions options)
    {
        if (options.Hops.Count is not (1 or 2)) return $"--proxy: {options.Hops.Count} given, expected one proxy or two.";
        foreach (var hop in options.Hops)
        {
            if (Fault(hop) is { } fault) return fault;
        }

        if (options.Upstream == UpstreamVersion.Http3 && options.Hops[0].Proxy.Scheme != "https")
            return $"--upstream: http3 needs TLS, and '{options.Hops[0].Proxy}' has none.";
        if (options.Upstream == UpstreamVersion.Http3 && !QuicConnection.IsSupported)
            return "--upstream: http3 needs libmsquic, which is not installed; expected auto, http1 or http2.";
        if (options.Geohash is { } hint && (hint.Length is 0 or > 64 || !hint.All(c => char.IsAsciiLetterOrDigit(c) || c is '-')))
            return $"--geohash: '{hint}' is not a hint such as 'xn76c-JP'.";
        if (options.MaxConnections is < 1 or > MostConnections)
            return $"{Section}{nameof(options.MaxConnections)}: {options.MaxConnections} given, expected 1 to {MostConnections}.";
        if (options.MaxUdpAssociations is < 1 or > MostConnections)
            return $"{Section}{nameof(options.MaxUdpAssociations)}: {options.MaxUdpAssociations} given, expected 1 to {MostConnections}.";
        if (options.MaxUdpDestinations is < 1 or > MostUdpDestinations)
            return $"{Section}{nameof(options.MaxUdpDestinations)}: {options.MaxUdpDestinations} given, expected 1 to {MostUdpDestinations}.";
        // RFC 9298, section 3.1.
        if (options.UdpIdleTimeout < TimeSpan.FromMinutes(2) || options.UdpIdleTimeout > TimeSpan.FromDays(1))
            return $"{Section}{nameof(options.UdpIdleTimeout)}: {options.UdpIdleTimeout} given, expected two minutes to a day.";
        if (options.TokensAhead.High is < 1 or > MostTokens)
            return $"{Section}TokensHigh: {options.TokensAhead.High} given, expected 1 to {MostTokens}.";
        if (options.TokensAhead.Low < 0 || options.TokensAhead.Low >= options.TokensAhead.High)
            return $"{Section}TokensLow: {options.TokensAhead.Low} given, expected 0 or more and less than TokensHigh ({options.TokensAhead.High}).";
        return Fault(nameof(options.HandshakeTimeout), options.HandshakeTimeout)
            ?? Fault(nameof(options.ConnectTimeout), options.ConnectTimeout)
            ?? Fault(nameof(options.IdleTimeout), options.IdleTimeout);
    }

    private static string? Fault(HopOptions hop)
    {
        if (!hop.Proxy.IsAbsoluteUri || hop.Proxy.Scheme is not ("https" or "http") || hop.Proxy.PathAndQuery != "/" || hop.Proxy.UserInfo.Length > 0)
            return $"--proxy: '{hop.Proxy}' is not a URL such as 'https://proxy.example:8443'.";
        if (hop.Issuer is null && hop.PresharedKey is null) return $"--issuer: missing for '{hop.Proxy}' (or give --psk).";
        if (hop.Issuer is not null && hop.PresharedKey is not null) return "--psk: given together with --issuer; a proxy is paid one way.";
        if (hop.PresharedKey is { } key && (key.Length is 0 or > 1024 || !key.All(char.IsAscii) || key.Any(c => char.IsControl(c) || c is ' ')))
            return "--psk: the key must be 1 to 1024 visible ASCII characters.";
        if (hop.Issuer is { } issuer && (!issuer.IsAbsoluteUri || issuer.Scheme is not ("https" or "http")))
            return $"--issuer: '{issuer}' is not a URL such as 'https://issuer.example'.";
        return null;
    }

    private static string? Fault(string name, TimeSpan timeout) =>
        timeout <= TimeSpan.Zero || timeout > TimeSpan.FromDays(1) ? $"{Section}{name}: {timeout} given, expected more than zero and at most a day." : null;
}
