namespace PrivacyRelay.Upstream.Http3;

/// <summary>Numbers of RFC 9114 and RFC 9220.</summary>
internal static class Http3Codes
{
    public const ulong ControlStream = 0x00;

    public const ulong DataFrame = 0x00;

    public const ulong HeadersFrame = 0x01;

    public const ulong SettingsFrame = 0x04;

    public const ulong GoAwayFrame = 0x07;

    /// <summary>SETTINGS_ENABLE_CONNECT_PROTOCOL.</summary>
    public const ulong EnableConnectProtocol = 0x08;

    /// <summary>SETTINGS_H3_DATAGRAM (RFC 9297, section 2.1.1).</summary>
    public const ulong H3Datagram = 0x33;

    public const long DatagramError = 0x33;

    public const long NoError = 0x100;

    public const long RequestCancelled = 0x10c;
}
