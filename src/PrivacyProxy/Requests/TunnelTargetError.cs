namespace PrivacyProxy.Requests;

/// <summary>Why a target was refused; each is answered with 400.</summary>
internal enum TunnelTargetError
{
    None = 0,

    /// <summary>Nothing at all, or nothing before the port.</summary>
    EmptyHost,

    /// <summary>No colon after the host.</summary>
    MissingPort,

    /// <summary>Not 1 to 65535 in digits, without a leading zero.</summary>
    InvalidPort,

    /// <summary>An "@": authority-form has no userinfo (RFC 9110, section 9.3.6).</summary>
    Userinfo,

    /// <summary>A space, a control, a percent sign, or anything else that a host does not hold.</summary>
    InvalidCharacter,

    /// <summary>Brackets that do not hold an IPv6 address, or one with a zone id.</summary>
    InvalidIPv6,

    /// <summary>Ends in a number but is not four plain decimal octets: 127.1, 0x7f.1, 010.0.0.1.</summary>
    InvalidIPv4,

    /// <summary>An empty label, one over 63 characters or with a hyphen at its edge, or over 253 in all.</summary>
    InvalidName,
}
