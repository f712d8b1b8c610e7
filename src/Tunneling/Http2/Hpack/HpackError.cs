namespace Tunneling.Http2.Hpack;

/// <summary>What is wrong with a header block; every one of them ends the connection, as the tables of both sides no longer agree (RFC 9113, section 4.3).</summary>
internal enum HpackError
{
    None,

    /// <summary>An integer of more than 31 bits, or with more bytes than those can take (RFC 7541, section 5.1).</summary>
    InvalidInteger,

    /// <summary>Index 0, or one beyond both tables (section 2.3.3).</summary>
    InvalidIndex,

    /// <summary>A Huffman code of EOS, or padding that is long or not all ones (section 5.2).</summary>
    InvalidHuffman,

    /// <summary>A size update above the limit, after a field, or a third one in one block (sections 4.2 and 6.3).</summary>
    InvalidTableSize,

    /// <summary>The block ends within a representation.</summary>
    Truncated,
}
