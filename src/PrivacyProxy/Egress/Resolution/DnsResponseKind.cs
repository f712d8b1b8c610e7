namespace PrivacyProxy.Egress.Resolution;

/// <summary>What a message received turned out to be.</summary>
internal enum DnsResponseKind
{
    /// <summary>Not the answer to the query: another id or question. To be ignored.</summary>
    Unrelated = 0,

    /// <summary>The answer, but cut: ask again over TCP.</summary>
    Truncated,

    /// <summary>The answer, but not readable, or from a server that does not know and asks nobody.</summary>
    Malformed,

    /// <summary>The answer.</summary>
    Answer,
}
