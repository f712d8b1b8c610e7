namespace PrivacyProxy.Egress.Resolution;

/// <summary>DNS response codes (RFC 1035, section 4.1.1) and their registered names.</summary>
internal static class DnsRcode
{
    /// <summary>No server gave one.</summary>
    public const int None = -1;

    public const int NoError = 0;
    public const int ServerFailure = 2;
    public const int NameError = 3;

    public static string? Name(int rcode) => rcode switch
    {
        None => null,
        NoError => "NOERROR",
        1 => "FORMERR",
        ServerFailure => "SERVFAIL",
        NameError => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        _ => $"RCODE{rcode}",
    };
}
