using System.Buffers;
using Masque;
using PrivacyProxy.Listeners.Templated;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>
/// Adds SETTINGS_ENABLE_CONNECT_PROTOCOL to the start of the server's control stream (RFC 9114, section 6.2.1; RFC 9220, section 3), and where
/// there are HTTP Datagrams SETTINGS_H3_DATAGRAM (RFC 9297, section 2.1.1). Kestrel serves extended CONNECT but does not say so, and clients
/// must not ask for it then.
/// </summary>
internal static class ControlStreamStart
{
    /// <summary>A longer SETTINGS frame is left as it is: Kestrel's has a handful of bytes.</summary>
    public const int MaxSettingsLength = 4096;

    private const ulong ControlStream = 0x00, SettingsFrame = 0x04, EnableConnectProtocol = 0x08, H3Datagram = 0x33;

    /// <summary>The settings, each with a 1.</summary>
    private static ReadOnlySpan<byte> Settings => [(byte)EnableConnectProtocol, 1, (byte)H3Datagram, 1];

    /// <summary>
    /// Writes all of <paramref name="start"/>, with the settings where there is a SETTINGS frame that lacks them.
    /// False, and nothing written, while it takes more bytes to tell; they are never more than that frame has.
    /// </summary>
    public static bool TryRewrite(ReadOnlySpan<byte> start, bool hasDatagrams, IBufferWriter<byte> output)
    {
        var rest = start;
        if (!TryTake(ref rest, out var streamType)) return false;
        if (streamType != ControlStream) return PassOn(start, output);
        if (!TryTake(ref rest, out var frameType)) return false;
        if (frameType != SettingsFrame) return PassOn(start, output);
        var lengthAt = start.Length - rest.Length;
        if (!TryTake(ref rest, out var length)) return false;
        if (length > MaxSettingsLength) return PassOn(start, output);
        if ((ulong)rest.Length < length) return false;
        var settings = rest[..(int)length];
        if (!CanAddTo(settings, hasDatagrams)) return PassOn(start, output);

        output.Write(start[..lengthAt]);
        var added = hasDatagrams ? Settings : Settings[..2];
        output.Advance(VarInt.Write(output.GetSpan(VarInt.MaxLength), length + (ulong)added.Length));
        output.Write(settings);
        output.Write(added);
        output.Write(rest[settings.Length..]);
        return true;
    }

    private static bool PassOn(ReadOnlySpan<byte> start, IBufferWriter<byte> output)
    {
        output.Write(start);
        return true;
    }

    /// <summary>A setting must not come twice (RFC 9114, section 7.2.4), and what cannot be read is not ours to mend.</summary>
    private static bool CanAddTo(ReadOnlySpan<byte> settings, bool hasDatagrams)
    {
        while (!settings.IsEmpty)
        {
            if (!TryTake(ref settings, out var id) || !TryTake(ref settings, out _) || id == EnableConnectProtocol || (hasDatagrams && id == H3Datagram)) return false;
        }

        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        if (!VarInt.TryRead(bytes, out value, out var length)) return false;
        bytes = bytes[length..];
        return true;
    }
}
