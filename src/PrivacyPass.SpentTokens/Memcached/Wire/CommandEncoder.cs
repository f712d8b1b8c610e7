using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>Writes <c>get</c> and <c>add</c> of spent-token keys: the prefix, the tag where there are tags, 43 characters.</summary>
internal sealed class CommandEncoder
{
    private const int LongestNumber = 20;

    private static readonly byte[] _marker = Encoding.ASCII.GetBytes(KeyTag.Marker);

    private readonly byte[] _get;
    private readonly byte[] _add;
    private readonly int _tags;

    /// <param name="keyPrefix">What keys begin with.</param>
    /// <param name="tags">How many tags there are; 0 for keys without.</param>
    public CommandEncoder(string keyPrefix, int tags = 0)
    {
        if (!MemcachedLinkOptions.IsKeyPrefix(keyPrefix, tags > 0)) throw new ArgumentException("Not a prefix of memcached keys.", nameof(keyPrefix));
        _get = Encoding.ASCII.GetBytes("get " + keyPrefix);
        _add = Encoding.ASCII.GetBytes("add " + keyPrefix);
        _tags = tags;
        KeyPrefixLength = keyPrefix.Length;
        LongestCommand = _add.Length + TagLength + SpentTokenKey.TextLength + " 0 ".Length + LongestNumber + " 1\r\n1\r\n".Length
            + (tags > 0 ? _get.Length + TagLength + _marker.Length + "\r\n".Length : 0);
    }

    public int KeyPrefixLength { get; }

    /// <summary>Nothing that is written at once is longer, bytes.</summary>
    public int LongestCommand { get; }

    private int TagLength => _tags > 0 ? KeyTag.Length : 0;

    /// <returns>The bytes written.</returns>
    public int WriteGet(Span<byte> destination, in SpentTokenKey key)
    {
        var at = WriteKey(destination, _get, key);
        return at + WriteLineEnd(destination[at..]);
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

    /// <summary>The <c>add</c>, and behind it the <c>get</c> of the marker of its tag.</summary>
    /// <returns>The bytes written.</returns>
    public int WriteAddMarked(Span<byte> destination, in SpentTokenKey key, long exptime)
    {
        var at = WriteAdd(destination, key, exptime);
        at += WriteStart(destination[at..], _get, key);
        _marker.CopyTo(destination[at..]);
        at += _marker.Length;
        return at + WriteLineEnd(destination[at..]);
    }

    /// <summary>Whether a key as it came back is that of this token.</summary>
    public bool IsKey(ReadOnlySpan<byte> text, in SpentTokenKey key)
    {
        Span<byte> expected = stackalloc byte[SpentTokenKey.TextLength];
        key.WriteText(expected);
        return HasStart(text, key, expected.Length) && text.EndsWith(expected);
    }

    /// <summary>Whether a key as it came back is that of the marker of this token's tag.</summary>
    public bool IsMarkerKey(ReadOnlySpan<byte> text, in SpentTokenKey key) => HasStart(text, key, _marker.Length) && text.EndsWith(_marker);

    /// <summary>Whether the prefix and the token's tag are there, and so many characters behind them.</summary>
    private bool HasStart(ReadOnlySpan<byte> text, in SpentTokenKey key, int rest)
    {
        if (text.Length != KeyPrefixLength + TagLength + rest || !text.StartsWith(_get.AsSpan("get ".Length))) return false;
        if (_tags == 0) return true;
        Span<byte> tag = stackalloc byte[KeyTag.Length];
        KeyTag.Write(tag, KeyTag.NumberOf(key, _tags));
        return text[KeyPrefixLength..].StartsWith(tag);
    }

    private int WriteKey(Span<byte> destination, byte[] start, in SpentTokenKey key)
    {
        var at = WriteStart(destination, start, key);
        key.WriteText(destination.Slice(at, SpentTokenKey.TextLength));
        return at + SpentTokenKey.TextLength;
    }

    /// <summary>The command, the prefix and the tag.</summary>
    private int WriteStart(Span<byte> destination, byte[] start, in SpentTokenKey key)
    {
        start.CopyTo(destination);
        if (_tags > 0) KeyTag.Write(destination[start.Length..], KeyTag.NumberOf(key, _tags));
        return start.Length + TagLength;
    }

    private static int WriteLineEnd(Span<byte> destination)
    {
        "\r\n"u8.CopyTo(destination);
        return 2;
    }
}
