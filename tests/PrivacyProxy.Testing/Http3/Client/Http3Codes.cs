namespace PrivacyProxy.Testing.Http3.Client;

/// <summary>Numbers of RFC 9114 and of what extends it.</summary>
internal static class Http3Codes
{
    public const ulong ControlStream = 0x00;

    public const ulong DataFrame = 0x00, HeadersFrame = 0x01, SettingsFrame = 0x04, GoAwayFrame = 0x07;

    /// <summary>SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 9220, section 5).</summary>
    public const ulong EnableConnectProtocol = 0x08;

    /// <summary>SETTINGS_H3_DATAGRAM (RFC 9297, section 5.1).</summary>
    public const ulong H3Datagram = 0x33;

    public const long FrameUnexpected = 0x105, FrameError = 0x106, ExcessiveLoad = 0x107;

    public const long DatagramError = 0x33, IdError = 0x108, SettingsError = 0x109;

    public const long NoError = 0x100, RequestCancelled = 0x10c, MessageError = 0x10e, ConnectError = 0x10f;
}
