using System.Globalization;
using PrivacyRelay.Http;

namespace PrivacyRelay.HttpConnect;

/// <summary>Finds where a request's body ends, so that bytes of a next request never reach the origin of this one.</summary>
internal abstract class RequestBody
{
    /// <summary>True when the body is complete; nothing after it belongs to the request.</summary>
    public abstract bool IsComplete { get; }

    /// <summary>How many of these bytes belong to the body; what follows is of another request.</summary>
    /// <exception cref="InvalidDataException">The body's framing is broken.</exception>
    public abstract int Accept(ReadOnlySpan<byte> bytes);

    /// <summary>The body a head announces (RFC 9112, section 6.3). Ambiguous framing is refused: it is how requests are smuggled.</summary>
    public static RequestBody? Of(HttpHead head, out ErrorAnswer? error)
    {
        error = null;
        var lengths = head.Values("Content-Length").ToArray();
        var encodings = head.Members("Transfer-Encoding").ToArray();
        if (encodings.Length > 0)
        {
            if (lengths.Length > 0) return Fail(400, "Content-Length and Transfer-Encoding exclude each other.", out error);
            if (encodings is not [var encoding] || !encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
                return Fail(501, "The only transfer encoding taken is 'chunked'.", out error);
            return new ChunkedRequestBody();
        }

        if (lengths.Length == 0) return new SizedRequestBody(0);
        return lengths.Length == 1 && long.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new SizedRequestBody(length)
            : Fail(400, "Content-Length is not one number.", out error);
    }

    private static RequestBody? Fail(int status, string text, out ErrorAnswer? error)
    {
        error = new ErrorAnswer(status, text);
        return null;
    }
}
