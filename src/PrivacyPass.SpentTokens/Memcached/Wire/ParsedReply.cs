namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>One reply, as it lies in the receive buffer.</summary>
internal ref struct ParsedReply
{
    public MemcachedReply Reply;

    /// <summary>Its bytes, line ends included.</summary>
    public int Length;

    /// <summary>The key that a <c>VALUE</c> line names; empty otherwise.</summary>
    public ReadOnlySpan<byte> Key;

    /// <summary>The data of that <c>VALUE</c>.</summary>
    public ReadOnlySpan<byte> Value;

    /// <summary>Of the two replies to <see cref="CommandKind.AddMarked"/> the second; <see cref="MemcachedReply.Closed"/> where none was read.</summary>
    public MemcachedReply Marker;

    /// <summary>
    /// The reply ends the trust in the order of what follows: after <c>ERROR</c> or <c>CLIENT_ERROR</c> a server may read
    /// the data line of an <c>add</c> as a command, and every later reply would go to the wrong token.
    /// </summary>
    public bool LosesOrder;
}
