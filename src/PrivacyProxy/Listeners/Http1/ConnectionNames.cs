using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>
/// The Connection fields of a request as they were sent. Kestrel reads <c>close, X-Mine</c> and keeps <c>close</c>, so that what else is named
/// there, and goes no further than this connection (RFC 9110, section 7.6.1), cannot be told from what does. It asks how to decode each field:
/// the decoder remembers.
/// </summary>
internal static class ConnectionNames
{
    /// <summary>More fields are none that anybody means.</summary>
    private const int Most = 100;

    // Kestrel decodes a connection's requests, and has them served, in one flow.
    private static readonly AsyncLocal<List<string>?> _sent = new();

    /// <summary>Begins to remember. Strings of a request before are then not used again, which would pass the decoder by.</summary>
    public static void Remember(KestrelServerOptions kestrel)
    {
        kestrel.DisableStringReuse = true;
        kestrel.RequestHeaderEncodingSelector = static name => string.Equals(name, HeaderNames.Connection, StringComparison.OrdinalIgnoreCase) ? Decoder.Instance : null;
    }

    /// <summary>Those of the request that is served, once; empty for none.</summary>
    public static string[] Take()
    {
        if (_sent.Value is not { Count: > 0 } sent) return [];
        var taken = sent.ToArray();
        sent.Clear();
        return taken;
    }

    /// <summary>ASCII alone; whatever else there is makes a request malformed.</summary>
    private sealed class Decoder : Encoding
    {
        public static readonly Decoder Instance = new();

        public override int GetByteCount(char[] chars, int index, int count) => count;

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetCharCount(byte[] bytes, int index, int count) => count;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        {
            var value = bytes.AsSpan(byteIndex, byteCount);
            foreach (var one in value)
                if (one is (< (byte)' ' and not (byte)'\t') or > (byte)'~') throw new DecoderFallbackException("A Connection field is not ASCII.");
            var count = ASCII.GetChars(bytes, byteIndex, byteCount, chars, charIndex);
            var sent = _sent.Value ??= [];
            if (sent.Count < Most) sent.Add(new string(chars, charIndex, count));
            return count;
        }

        public override int GetMaxByteCount(int charCount) => charCount;

        public override int GetMaxCharCount(int byteCount) => byteCount;
    }
}
