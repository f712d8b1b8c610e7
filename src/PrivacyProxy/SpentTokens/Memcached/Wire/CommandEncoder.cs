using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace PrivacyProxy.SpentTokens.Memcached.Wire;

/// <summary>Writes <c>get</c> and <c>add</c> of spent-token keys.</summary>
internal sealed class CommandEncoder
{
    private const int LongestNumber = 20;

    private readonly byte[] _get;
    private readonly byte[] _add;

    public CommandEncoder(string keyPrefix)
    {
        if (!MemcachedLinkOptions.IsKeyPrefix(keyPrefix)) throw new ArgumentException("Not a prefix of memcached keys.", nameof(keyPrefix));
        _get = Encoding.ASCII.GetBytes("get " + keyPrefix);
        _add = Encoding.ASCII.GetBytes("add " + keyPrefix);
        KeyPrefixLength = keyPrefix.Length;
        LongestCommand = _add.Length + SpentTokenKey.TextLength + " 0 ".Length + LongestNumber + " 1\r\n1\r\n".Length;
    }

    public int KeyPrefixLength { get; }

    /// <summary>No <c>get</c> or <c>add</c> is longer, bytes.</summary>
    public int LongestCommand { get; }

    /// <returns>The bytes written.</returns>
    public int WriteGet(Span<byte> destination, in SpentTokenKey key)
    {
        var at = WriteKey(destination, _get, key);
        "\r\n"u8.CopyTo(destination[at..]);
        return at + 2;
    }

    /// <returns>The bytes written.</returns>
    public int WriteAdd(Span<byte> destination, in SpentTokenKey key, long exptime)
    {
        var at = WriteKey(destination, _add, key);
        " 0 "u8.CopyTo(destination[at..]);
        at += 3;
        var formatted = Utf8Formatter.TryFormat(exptime, destination[at..], out var digits);
        Debug.Assert(formatted, "The caller gives LongestCommand bytes.");
        at += digits;
        " 1\r\n1\r\n"u8.CopyTo(destination[at..]);
        return at + 7;
    }

    /// <summary>Whether a key as it came back is the prefix and this key.</summary>
    public bool IsKey(ReadOnlySpan<byte> text, in SpentTokenKey key)
    {
        Span<byte> expected = stackalloc byte[SpentTokenKey.TextLength];
        key.WriteText(expected);
        return text.Length == KeyPrefixLength + SpentTokenKey.TextLength
            && text.StartsWith(_get.AsSpan("get ".Length))
            && text.EndsWith(expected);
    }

    private static int WriteKey(Span<byte> destination, byte[] start, in SpentTokenKey key)
    {
        start.CopyTo(destination);
        key.WriteText(destination.Slice(start.Length, SpentTokenKey.TextLength));
        return start.Length + SpentTokenKey.TextLength;
    }
}
