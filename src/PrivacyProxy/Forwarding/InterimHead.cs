using System.Buffers.Text;
using System.Text;
using PrivacyProxy.Listeners;

namespace PrivacyProxy.Forwarding;

/// <summary>
/// Looks for interim answers (1xx) before an answer, in the bytes that an HTTP client reads, which keeps them to itself. Whatever is not
/// easily understood is left to the client alone: it decides about the answer.
/// </summary>
internal struct InterimHead
{
    /// <summary>More than that is no hint.</summary>
    private const int MaxLength = 16 * 1024;

    /// <summary>Of one request.</summary>
    private const int Most = 32;

    private const int StatusLength = 12; // HTTP/1.1 103

    private byte[]? _head;
    private int _length;
    private int _count;
    private bool _looks;

    /// <summary>The next bytes are those of an answer.</summary>
    public void Begin() => (_looks, _length, _count) = (true, 0, 0);

    /// <summary>Takes bytes; each interim answer that ends in them is given once, in order. True while there may be more.</summary>
    /// <param name="bytes">What was read; what is left once this returns was not looked at.</param>
    /// <param name="interim">The answer that was found; null if none was.</param>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out InterimAnswer? interim)
    {
        interim = null;
        while (_looks && !bytes.IsEmpty)
        {
            _head ??= new byte[StatusLength];
            if (_length < StatusLength)
            {
                var missing = Math.Min(StatusLength - _length, bytes.Length);
                Add(bytes[..missing]);
                bytes = bytes[missing..];
                if (_length == StatusLength && !IsInterim()) Stop();
                continue;
            }

            // Up to the end of a line, and with it perhaps of the head.
            var end = bytes.IndexOf((byte)'\n') + 1;
            var taken = end == 0 ? bytes.Length : end;
            if (_length + taken > MaxLength || _count == Most)
            {
                Stop();
                return false;
            }

            Add(bytes[..taken]);
            bytes = bytes[taken..];
            if (end == 0 || !(_head.AsSpan(0, _length).EndsWith("\n\r\n"u8) || _head.AsSpan(0, _length).EndsWith("\n\n"u8))) continue;
            interim = Read();
            _length = 0;
            _count++;
            if (interim is not null) return true;
        }

        return false;
    }

    /// <summary>101 is the answer itself.</summary>
    private readonly bool IsInterim() => _head.AsSpan(0, 8).SequenceEqual("HTTP/1.1"u8) && _head![8] == ' ' && _head[9] == '1' && !_head.AsSpan(9, 3).SequenceEqual("101"u8);

    private void Stop() => (_looks, _head) = (false, null);

    private void Add(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _head!.Length) Array.Resize(ref _head, Math.Max(_length + bytes.Length, _head.Length * 4));
        bytes.CopyTo(_head.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Null for 100, which the HTTP client has asked for, and for what is malformed.</summary>
    private readonly InterimAnswer? Read()
    {
        if (!Utf8Parser.TryParse(_head.AsSpan(9, 3), out int status, out var digits) || digits != 3 || status == StatusCodes.Status100Continue) return null;
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var line in Encoding.Latin1.GetString(_head!, 0, _length).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var text = line.EndsWith('\r') ? line[..^1] : line;
            if (text.Length == 0) break;
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) return null;
            var (name, value) = (text[..colon], text[(colon + 1)..].Trim(' ', '\t'));
            if (!FieldText.IsName(name) || !FieldText.IsValue(value)) return null;
            fields.Add(new(name, value));
        }

        return new InterimAnswer(status, ForwardedFields.OfInterim(fields));
    }
}
