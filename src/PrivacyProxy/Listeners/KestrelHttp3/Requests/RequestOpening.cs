using System.Buffers;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>What the first frames of a request's stream are (RFC 9114, section 4.1).</summary>
internal enum RequestOpening
{
    /// <summary>Not to be told yet.</summary>
    Unknown,

    /// <summary>A head, whole.</summary>
    Head,

    /// <summary>Nothing that a tunnel begins with, or more than is waited for here: Kestrel's to answer or to refuse.</summary>
    Other,

    /// <summary>A frame longer than any head may be.</summary>
    TooLong,
}

/// <summary>Looks for the head of a request.</summary>
internal static class RequestOpenings
{
    /// <summary>Looks through what has come so far. Frames that nobody knows are skipped: who reads need not keep them.</summary>
    /// <param name="read">All of it.</param>
    /// <param name="hasEnded">Whether nothing more comes.</param>
    /// <param name="maxFrame">The longest frame up to the head, bytes.</param>
    /// <param name="section">The head's field section.</param>
    /// <param name="end">Where what follows the head begins; without a head, what was not skipped.</param>
    public static RequestOpening Find(in ReadOnlySequence<byte> read, bool hasEnded, int maxFrame, out ReadOnlySequence<byte> section, out SequencePosition end)
    {
        (section, end) = (default, read.Start);
        var rest = read;
        while (Frame.TryReadHeader(ref rest, out var type, out var length))
        {
            if (type != Frame.Headers && Frame.IsKnown(type)) return RequestOpening.Other;
            if (length > (ulong)maxFrame) return RequestOpening.TooLong;
            if ((ulong)rest.Length < length) break;
            if (type == Frame.Headers)
            {
                section = rest.Slice(0, (long)length);
                end = section.End;
                return RequestOpening.Head;
            }

            rest = rest.Slice((long)length);
            end = rest.Start;
        }

        return hasEnded ? RequestOpening.Other : RequestOpening.Unknown;
    }
}
