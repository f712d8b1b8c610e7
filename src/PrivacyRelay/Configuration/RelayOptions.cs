using System.ComponentModel.DataAnnotations;
using System.Net;
using MsQuic;
using System.Security.Cryptography.X509Certificates;
using TransparencyLog.Proofs;

namespace PrivacyRelay.Configuration;

/// <summary>The section <c>PrivacyRelay</c>: everything a relay can be told.</summary>
internal sealed class RelayOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "PrivacyRelay";

    private const int MostConnections = 65_536;
    private const int MostUdpDestinations = 4_096;
    private const int MostTokens = 1_000;
    private const int LongestKey = 1024;

    /// <summary>The <see cref="Geohash"/> that says nothing.</summary>
    internal const string NoGeohash = "none";

    /// <summary>The shortest and the longest of the timeouts.</summary>
    private const string Shortest = "00:00:00.001";
    private const string Longest = "1.00:00:00";

    private const string ExpectedTimeout = "more than zero and at most a day";

    internal const string Localhost = "localhost";

    private X509Certificate2Collection? _trustedRoots;

    /// <summary>Address and port for local programs, SOCKS and HTTP alike, <c>localhost</c> for 127.0.0.1 and [::1]; port 0 takes a free one. Without <see cref="LocalUsers"/>, whoever reaches it spends the relay's tokens.</summary>
    public string Listen { get; set; } = "127.0.0.1:1080";

    /// <summary>The proxy, <c>https://host:port</c>, or <c>http://</c> for one without TLS; two for two hops, the nearer one first.</summary>
    public IList<string> Proxies { get; set; } = [];

    /// <summary>The issuers whose tokens the proxies take, or the attesters before them: one for each proxy, or one for all. Without a path, the directory is looked for at its well-known place.</summary>
    public IList<string> Issuers { get; set; } = [];

    /// <summary>Files with the bearer keys, or access tokens, that the issuers or their attesters want: one for each issuer, empty for one that wants none. A key is read for each refill of the wallet, so a new one needs no restart, and is sent over https only, or to this machine.</summary>
    public IList<string> IssuerKeyFiles { get; set; } = [];

    /// <summary>PEM files with a certificate and its key, by which issuers or their attesters know this relay: one for each issuer, empty for one that does not.</summary>
    public IList<string> IssuerCertificates { get; set; } = [];

    /// <summary>The keys of the issuers' logs, as the issuers' start prints them: one for each issuer, empty for one that is not audited.</summary>
    public IList<string> IssuerLogKeys { get; set; } = [];

    /// <summary>
    /// The keys of auditors, as their start prints them, for every issuer with a log key: an issuer's keys are used only if its log has the directory that lists
    /// them, in a checkpoint that enough of the auditors have cosigned.
    /// </summary>
    public IList<string> IssuerAuditors { get; set; } = [];

    /// <summary>How many of the auditors must have cosigned; 0 for all.</summary>
    [Range(0, 64)]
    public int IssuerAuditorQuorum { get; set; }

    /// <summary>How old their cosignatures may be.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ErrorMessage = "a minute to a year")]
    public TimeSpan IssuerAuditAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The URLs of the issuers' logs: one for each issuer, empty for /key-log beside the directory.</summary>
    public IList<string> IssuerLogUrls { get; set; } = [];

    /// <summary>Keys sent with each tunnel in place of tokens: one for each proxy, or one for all. Secret.</summary>
    [DataType(DataType.Password)]
    public IList<string> PresharedKeys { get; set; } = [];

    /// <summary>
    /// PEM files with a certificate and its key, shown to the proxies over TLS, in place of tokens where there are no issuers and no keys: one
    /// for each proxy, or one for all, by which two that compare notes know it again.
    /// </summary>
    public IList<string> ClientCertificates { get; set; } = [];

    /// <summary>If any: the local programs that may use the relay, <c>NAME:PASSWORD</c> each, by SOCKS5 (RFC 1929) and HTTP (Basic); SOCKS4 has no passwords and is refused then. Secret.</summary>
    [DataType(DataType.Password)]
    public IList<string> LocalUsers { get; set; } = [];

    /// <summary>The version of HTTP spoken to the proxies.</summary>
    public UpstreamVersion Upstream { get; set; } = UpstreamVersion.Auto;

    /// <summary>A PEM file of authorities to trust for proxies and issuers, besides those of the system.</summary>
    public string? ProxyCa { get; set; }

    /// <summary>Where the last proxy shall leave, sent to it alone as sec-ch-geohash; <c>none</c> for nothing. Without, the second of two proxies is told what the first says of where the relay is, if it says so.</summary>
    [RegularExpression("^[A-Za-z0-9-]{1,64}$", ErrorMessage = "a hint such as xn76c-JP")]
    public string? Geohash { get; set; }

    /// <summary>Local connections at a time, at most half of what the descriptors allow. The oldest that has opened no tunnel is closed for one more; where all have, more wait in the listen queue.</summary>
    [Range(1, MostConnections)]
    public int MaxConnections { get; set; } = 1024;

    /// <summary>How long a local program may take to say where it wants to go.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest, ErrorMessage = ExpectedTimeout)]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long opening a tunnel may take over all hops, tokens and retries; and one refill of the wallet.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest, ErrorMessage = ExpectedTimeout)]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A tunnel in which nothing moves for so long is cut.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest, ErrorMessage = ExpectedTimeout)]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>UDP associations of SOCKS5 at a time; more are refused. Each also is one of <see cref="MaxConnections"/>.</summary>
    [Range(1, MostConnections)]
    public int MaxUdpAssociations { get; set; } = 128;

    /// <summary>Destinations of one UDP association at a time, each a tunnel and a token; datagrams to more are dropped.</summary>
    [Range(1, MostUdpDestinations)]
    public int MaxUdpDestinations { get; set; } = 128;

    /// <summary>The tunnel to a UDP destination in which nothing moves for so long is closed; the next datagram opens it again.</summary>
    /// <remarks>RFC 9298, section 3.1, wants two minutes.</remarks>
    [Range(typeof(TimeSpan), "00:02:00", Longest, ErrorMessage = "two minutes to a day")]
    public TimeSpan UdpIdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>With fewer tokens than these for a proxy, more are fetched ahead; less than <see cref="TokensHigh"/>.</summary>
    [Range(0, MostTokens - 1)]
    public int TokensLow { get; set; } = 4;

    /// <summary>The most tokens held for a proxy's challenge.</summary>
    [Range(1, MostTokens)]
    public int TokensHigh { get; set; } = 16;

    /// <summary>Answer challenges of experimental token types (5, VOPRF ristretto255) too.</summary>
    public bool ExperimentalTokens { get; set; }

    /// <summary>Answer challenges of the experimental type 55930 (0xDA7A) too, whose tokens tell the proxy when they expire and, with <see cref="MetadataPlace"/>, where the relay is.</summary>
    public bool MetadataTokens { get; set; }

    /// <summary>How long tokens of type 55930 live at least; to the quarter of an hour, as many share it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00", ErrorMessage = "a second to 366 days")]
    public TimeSpan MetadataLife { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Where this relay is, as the issuer or its attester knows it too, such as US,US-AL,ALABASTER: the proxy leaves from there. Without it, tokens of type 55930 say no place.</summary>
    [RegularExpression("^[A-Z]{2},[ -+.-~-]*,[ -+.-~-]*$", ErrorMessage = "a place such as US,US-AL,ALABASTER")]
    public string? MetadataPlace { get; set; }

    /// <summary>The addresses of <see cref="Listen"/>, all with one port; none if it is not valid.</summary>
    internal IReadOnlyList<IPEndPoint> EndPoints => ParseListen(Listen);

    /// <summary>Whether <see cref="Listen"/> is this machine by its name.</summary>
    internal bool ListensOnLocalhost => Listen.StartsWith(Localhost + ":", StringComparison.OrdinalIgnoreCase);

    /// <summary>The proxies of valid options, each with what pays for it, in the order they are passed.</summary>
    internal IReadOnlyList<HopOptions> Hops =>
        [.. Proxies.Select((proxy, i) => new HopOptions(
            new Uri(proxy), Of(Issuers, i) is { } issuer ? new Uri(issuer) : null, Of(PresharedKeys, i), Of(IssuerKeyFiles, i) is { Length: > 0 } file ? file : null, Of(ClientCertificates, i),
            Of(IssuerCertificates, i) is { Length: > 0 } certificate ? certificate : null))];

    /// <summary>The issuers of valid options whose keys must be audited.</summary>
    internal IReadOnlyList<IssuerLogOptions> IssuerLogs =>
    [
        .. Enumerable.Range(0, IssuerLogKeys.Count).Where(i => IssuerLogKeys[i].Length > 0).Select(i => new IssuerLogOptions(
            new Uri(Issuers[i]), TrustIn(i).ToTrust()!, i < IssuerLogUrls.Count && IssuerLogUrls[i].Length > 0 ? new Uri(IssuerLogUrls[i]) : null)),
    ];

    /// <summary>The certificates of <see cref="ProxyCa"/>, unless others are given.</summary>
    internal X509Certificate2Collection TrustedRoots
    {
        get => _trustedRoots ??= ProxyCa is null ? [] : CertificateFile.Read(ProxyCa);
        set => _trustedRoots = value;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (EndPoints.Count == 0) yield return Wrong("an address and port such as 127.0.0.1:1080", nameof(Listen));
        if (Proxies.Count is not (1 or 2)) yield return Wrong("one proxy or two (--proxy URL)", nameof(Proxies));
        for (var i = 0; i < Proxies.Count; i++)
            if (!IsProxy(Proxies[i])) yield return Wrong("a URL such as https://proxy.example:8443, without credentials and path", $"{nameof(Proxies)}:{i}");
        for (var i = 0; i < Issuers.Count; i++)
            if (!IsIssuer(Issuers[i])) yield return Wrong("a URL such as https://issuer.example, without credentials", $"{nameof(Issuers)}:{i}");
        for (var i = 0; i < IssuerKeyFiles.Count; i++)
        {
            if (IssuerKeyFiles[i].Length == 0) continue;
            if (BearerKeyFile.Fault(IssuerKeyFiles[i]) is { } unusable) yield return Wrong($"a file with a bearer key ({unusable})", $"{nameof(IssuerKeyFiles)}:{i}");
            // RFC 6750, section 5.3.
            else if (i < Issuers.Count && ParseUrl(Issuers[i]) is { Scheme: "http", IsLoopback: false }) yield return Wrong("none, since the way to its issuer is not encrypted", $"{nameof(IssuerKeyFiles)}:{i}");
        }
        for (var i = 0; i < IssuerCertificates.Count; i++)
        {
            if (IssuerCertificates[i].Length == 0) continue;
            if (ClientCertificateFile.Fault(IssuerCertificates[i]) is { } unusable) yield return Wrong($"a PEM file with a certificate and its key ({unusable})", $"{nameof(IssuerCertificates)}:{i}");
            else if (i < Issuers.Count && ParseUrl(Issuers[i]) is { Scheme: "http" }) yield return Wrong("none, since the way to its issuer has no TLS", $"{nameof(IssuerCertificates)}:{i}");
        }

        if (IssuerCertificates.Count > 0 && IssuerCertificates.Count != Issuers.Count) yield return Wrong("one for each issuer", nameof(IssuerCertificates));
        foreach (var problem in AuditProblems()) yield return problem;
        for (var i = 0; i < PresharedKeys.Count; i++)
            if (!IsKey(PresharedKeys[i])) yield return Wrong($"1 to {LongestKey} visible ASCII characters", nameof(PresharedKeys));
        for (var i = 0; i < ClientCertificates.Count; i++)
            if (ClientCertificateFile.Fault(ClientCertificates[i]) is { } fault) yield return Wrong($"a PEM file with a certificate and its key ({fault})", $"{nameof(ClientCertificates)}:{i}");
        if (ClientCertificates.Count > 1 && ClientCertificates.Count != Proxies.Count) yield return Wrong("one for each proxy, or one for all", nameof(ClientCertificates));
        for (var i = 0; i < Proxies.Count && ClientCertificates.Count > 0; i++)
            if (Proxies[i].StartsWith("http://", StringComparison.OrdinalIgnoreCase)) yield return Wrong("https, to show a certificate over", $"{nameof(Proxies)}:{i}");
        if (Issuers.Count == 0 && PresharedKeys.Count == 0 && ClientCertificates.Count == 0) yield return Wrong("the issuer of the proxy's tokens (--issuer URL), a preshared key or a client certificate", nameof(Issuers));
        if (Issuers.Count > 0 && PresharedKeys.Count > 0) yield return Wrong($"none beside {nameof(Issuers)}: a proxy is paid one way", nameof(PresharedKeys));
        for (var i = 0; i < LocalUsers.Count; i++)
            if (!IsUser(LocalUsers[i])) yield return Wrong("NAME:PASSWORD, at least one and at most 255 bytes each, no colon in the name", nameof(LocalUsers));
        if (Issuers.Count > 1 && Issuers.Count != Proxies.Count) yield return Wrong("one for each proxy, or one for all", nameof(Issuers));
        if (IssuerKeyFiles.Count > 0 && IssuerKeyFiles.Count != Issuers.Count) yield return Wrong("one for each issuer", nameof(IssuerKeyFiles));
        if (PresharedKeys.Count > 1 && PresharedKeys.Count != Proxies.Count) yield return Wrong("one for each proxy, or one for all", nameof(PresharedKeys));
        if (Upstream == UpstreamVersion.Http3 && Proxies is [var first, ..] && first.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            yield return Wrong("another version, since the proxy is one without TLS", nameof(Upstream));
        if (Upstream == UpstreamVersion.Http3 && !QuicLibrary.IsSupported)
            yield return Wrong("Auto, Http1 or Http2, since libmsquic is not installed", nameof(Upstream));
        if (ProxyCa is not null && CertificateFile.Fault(ProxyCa) is { } wrongCa) yield return Wrong($"a PEM file with a certificate ({wrongCa})", nameof(ProxyCa));
        if (TokensLow >= TokensHigh) yield return Wrong($"less than {nameof(TokensHigh)}, {TokensHigh}", nameof(TokensLow));
    }

    private GivenLogTrust TrustIn(int issuer) => new() { LogKey = IssuerLogKeys[issuer], Auditors = IssuerAuditors, AuditorQuorum = IssuerAuditorQuorum, AuditAge = IssuerAuditAge };

    private IEnumerable<ValidationResult> AuditProblems()
    {
        if (IssuerLogKeys.Count > 0 && IssuerLogKeys.Count != Issuers.Count) yield return Wrong("one for each issuer", nameof(IssuerLogKeys));
        if (IssuerLogUrls.Count > 0 && IssuerLogUrls.Count != Issuers.Count) yield return Wrong("one for each issuer", nameof(IssuerLogUrls));
        for (var i = 0; i < IssuerLogUrls.Count; i++)
            if (IssuerLogUrls[i].Length > 0 && !IsIssuer(IssuerLogUrls[i])) yield return Wrong("a URL such as https://issuer.example/key-log/", $"{nameof(IssuerLogUrls)}:{i}");
        if (IssuerLogKeys.Any(static key => key.Length > 0) != IssuerAuditors.Count > 0) yield return Wrong("auditors, and the key of an issuer's log (IssuerLogKeys): neither is of use alone", nameof(IssuerAuditors));
        for (var i = 0; i < IssuerLogKeys.Count; i++)
            if (IssuerLogKeys[i].Length > 0 && LogTrustOptions.Fault(IssuerLogKeys[i], TransparencyLog.Notes.NoteKeyKind.Note) is { } wrongLog)
                yield return Wrong($"the key of a log, NAME+HASH+KEY ({wrongLog})", $"{nameof(IssuerLogKeys)}:{i}");
        for (var i = 0; i < IssuerAuditors.Count; i++)
            if (LogTrustOptions.Fault(IssuerAuditors[i], TransparencyLog.Notes.NoteKeyKind.Cosignature) is { } wrong)
                yield return Wrong($"the key of an auditor, NAME+HASH+KEY ({wrong})", $"{nameof(IssuerAuditors)}:{i}");
        if (IssuerAuditors.Distinct(StringComparer.Ordinal).Count() != IssuerAuditors.Count) yield return Wrong("each auditor once", nameof(IssuerAuditors));
        if (IssuerAuditorQuorum > IssuerAuditors.Count) yield return Wrong("at most as many as there are auditors", nameof(IssuerAuditorQuorum));
    }

    private static ValidationResult Wrong(string expected, string key) => new(expected, [key]);

    private static string? Of(IList<string> values, int proxy) => values.Count > 1 ? values[proxy] : values.FirstOrDefault();

    private static IReadOnlyList<IPEndPoint> ParseListen(string? text)
    {
        const string LocalhostAndPort = Localhost + ":";
        if (text?.StartsWith(LocalhostAndPort, StringComparison.OrdinalIgnoreCase) == true)
            return ParseEndPoint("127.0.0.1:" + text[LocalhostAndPort.Length..]) is { } loopback ? [loopback, new IPEndPoint(IPAddress.IPv6Loopback, loopback.Port)] : [];
        return ParseEndPoint(text) is { } one ? [one] : [];
    }

    private static IPEndPoint? ParseEndPoint(string? text) =>
        text is not null && text.Contains(':', StringComparison.Ordinal) && !text.EndsWith(']') && IPEndPoint.TryParse(text, out var endPoint) ? endPoint : null;

    /// <summary>As RFC 1929 can carry it.</summary>
    private static bool IsUser(string? user) =>
        user?.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
        && System.Text.Encoding.UTF8.GetByteCount(user.AsSpan(0, colon)) <= byte.MaxValue && System.Text.Encoding.UTF8.GetByteCount(user.AsSpan(colon + 1)) is > 0 and <= byte.MaxValue;

    private static bool IsProxy(string? text) => ParseUrl(text) is { PathAndQuery: "/", Fragment: "" };

    private static bool IsIssuer(string? text) => ParseUrl(text) is not null;

    private static Uri? ParseUrl(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "https" or "http", UserInfo: "", Host.Length: > 0 } && !text!.Contains('@', StringComparison.Ordinal) ? url : null;

    private static bool IsKey(string? key) => key is { Length: > 0 and <= LongestKey } && key.All(static c => c is > ' ' and <= '~');
}
