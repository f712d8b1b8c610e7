using System.Globalization;

namespace PrivacyRelay.Http;

/// <summary>Finds where a message's body ends (RFC 9112, section 6.3), so that what follows is never taken for a part of it.</summary>
internal abstract class MessageBody
{
    /// <summary>True when the body is complete; nothing after it belongs to the message.</summary>
    public abstract bool IsComplete { get; }

    /// <summary>False where only the end of the connection ends it.</summary>
    public virtual bool HasEnd => true;

    /// <summary>How many of these bytes belong to the body; what follows is of another message.</summary>
    /// <exception cref="InvalidDataException">The body's framing is broken.</exception>
    public abstract int Accept(ReadOnlySpan<byte> bytes);

    /// <summary>As <see cref="Accept"/>, and writes what the body carries, without its framing, to where the bytes begin.</summary>
    /// <exception cref="InvalidDataException">The body's framing is broken.</exception>
    public virtual int Decode(Span<byte> bytes, out int content) => content = Accept(bytes);

    /// <summary>The number in a head's Content-Length fields: null without any. Repetitions of one number are that number.</summary>
    /// <exception cref="InvalidDataException">They are not one number.</exception>
    public static long? LengthIn(HttpHead head)
    {
        long? length = null;
        foreach (var value in head.Values("Content-Length").SelectMany(static value => value.Split(',')))
        {
            if (!long.TryParse(value.Trim(' ', '\t'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || (length ?? number) != number)
                throw new InvalidDataException("Content-Length is not one number.");
            length = number;
        }

        return length;
    }
}
