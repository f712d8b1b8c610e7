using Masque;

namespace PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

/// <summary>Looks for SETTINGS_H3_DATAGRAM at the start of a client's control stream (RFC 9114, section 6.2.1); Kestrel does not tell of it.</summary>
internal static class ClientSettings
{
    /// <summary>A longer SETTINGS frame is not looked into: Kestrel has its own limit for it.</summary>
    public const int MaxLength = 4096;

    private const ulong ControlStream = 0x00, SettingsFrame = 0x04, H3Datagram = 0x33;

    /// <summary>False while it takes more bytes to tell.</summary>
    /// <param name="start">The start of a stream of one direction.</param>
    /// <param name="value">What the setting says; null when it is not there.</param>
    public static bool TryFind(ReadOnlySpan<byte> start, out ulong? value)
    {
        value = null;
        if (!TryTake(ref start, out var type)) return false;
        if (type != ControlStream) return true;
        if (!TryTake(ref start, out var frame)) return false;
        if (frame != SettingsFrame) return true;
        if (!TryTake(ref start, out var length)) return false;
        if (length > MaxLength) return true;
        if ((ulong)start.Length < length) return false;
        var settings = start[..(int)length];
        // One that cannot be read, or comes twice, is Kestrel's to refuse.
        while (TryTake(ref settings, out var id) && TryTake(ref settings, out var found))
            if (id == H3Datagram) value = found;
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        if (!VarInt.TryRead(bytes, out value, out var length)) return false;
        bytes = bytes[length..];
        return true;
    }
}
