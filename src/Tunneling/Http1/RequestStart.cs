namespace Tunneling.Http1;

/// <summary>What the first bytes of a connection are.</summary>
internal enum RequestStart
{
    /// <summary>More bytes are needed.</summary>
    Undecided,

    /// <summary>The whole head of a CONNECT.</summary>
    Connect,

    /// <summary>The client's preface of HTTP/2 (RFC 9113, section 3.4).</summary>
    Http2,

    /// <summary>Any other request, or none.</summary>
    Other,

    /// <summary>A CONNECT whose head is longer than allowed.</summary>
    TooLarge,
}
