using System.Runtime.InteropServices;

namespace MsQuic.Native;

/// <summary>QUIC_REGISTRATION_CONFIG.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RegistrationConfig
{
    public byte* AppName;
    public int ExecutionProfile;
}

/// <summary>QUIC_BUFFER.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBuffer
{
    public uint Length;
    public byte* Bytes;

    public readonly ReadOnlySpan<byte> Span => new(Bytes, (int)Length);
}

/// <summary>QUIC_SETTINGS; bits of <see cref="IsSet"/> say which fields count.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeSettings
{
    public ulong IsSet;
    public ulong MaxBytesPerKey;
    public ulong HandshakeIdleTimeoutMs;
    public ulong IdleTimeoutMs;
    public ulong MtuDiscoverySearchCompleteTimeoutUs;
    public uint TlsClientMaxSendBuffer;
    public uint TlsServerMaxSendBuffer;
    public uint StreamRecvWindowDefault;
    public uint StreamRecvBufferDefault;
    public uint ConnFlowControlWindow;
    public uint MaxWorkerQueueDelayUs;
    public uint MaxStatelessOperations;
    public uint InitialWindowPackets;
    public uint SendIdleTimeoutMs;
    public uint InitialRttMs;
    public uint MaxAckDelayMs;
    public uint DisconnectTimeoutMs;
    public uint KeepAliveIntervalMs;
    public ushort CongestionControlAlgorithm;
    public ushort PeerBidiStreamCount;
    public ushort PeerUnidiStreamCount;
    public ushort MaxBindingStatelessOperations;
    public ushort StatelessOperationExpirationMs;
    public ushort MinimumMtu;
    public ushort MaximumMtu;
    public byte Flags;
    public byte MaxOperationsPerDrain;
    public byte MtuDiscoveryMissingProbeCount;
    public uint DestCidUpdateIdleTimeoutMs;
    public ulong MoreFlags;
    public uint StreamRecvWindowBidiLocalDefault;
    public uint StreamRecvWindowBidiRemoteDefault;
    public uint StreamRecvWindowUnidiDefault;
}

/// <summary>QUIC_CREDENTIAL_CONFIG.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CredentialConfig
{
    public int Type;
    public CredentialFlags Flags;
    public Pkcs12* Pkcs12;
    public byte* Principal;
    public void* Reserved;
    public void* AsyncHandler;
    public int AllowedCipherSuites;
    public byte* CaCertificateFile;
}

/// <summary>QUIC_CERTIFICATE_PKCS12.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Pkcs12
{
    public byte* Bytes;
    public uint Length;
    public byte* Password;
}

/// <summary>QUIC_CREDENTIAL_FLAGS.</summary>
[Flags]
internal enum CredentialFlags
{
    None = 0,
    Client = 0x1,
    NoCertificateValidation = 0x4,
    IndicateCertificateReceived = 0x10,
    RequireClientAuthentication = 0x40,
    UsePortableCertificates = 0x4000,
}

/// <summary>QUIC_NEW_CONNECTION_INFO.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NewConnectionInfo
{
    public uint QuicVersion;
    public byte* LocalAddress;
    public byte* RemoteAddress;
    public uint CryptoBufferLength;
    public ushort ClientAlpnListLength;
    public ushort ServerNameLength;
    public byte NegotiatedAlpnLength;
    public byte* CryptoBuffer;
    public byte* ClientAlpnList;
    public byte* NegotiatedAlpn;
    public byte* ServerName;
}

/// <summary>QUIC_LISTENER_EVENT.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct ListenerEvent
{
    [FieldOffset(0)] public int Type;
    [FieldOffset(8)] public NewConnectionInfo* Info;
    [FieldOffset(16)] public nint Connection;
}

/// <summary>QUIC_CONNECTION_EVENT.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct ConnectionEvent
{
    [FieldOffset(0)] public ConnectionEventType Type;
    [FieldOffset(9)] public byte ConnectedAlpnLength;
    [FieldOffset(16)] public byte* ConnectedAlpn;
    [FieldOffset(8)] public uint TransportStatus;
    [FieldOffset(16)] public ulong TransportErrorCode;
    [FieldOffset(8)] public ulong PeerErrorCode;
    [FieldOffset(8)] public byte* Address;
    [FieldOffset(8)] public nint Stream;
    [FieldOffset(16)] public StreamOpenFlags StreamFlags;
    [FieldOffset(8)] public byte DatagramSendEnabled;
    [FieldOffset(10)] public ushort DatagramMaxLength;
    [FieldOffset(8)] public NativeBuffer* Datagram;
    [FieldOffset(8)] public void* DatagramContext;
    [FieldOffset(16)] public DatagramSendState DatagramState;
    [FieldOffset(8)] public NativeBuffer* Certificate;
    [FieldOffset(24)] public NativeBuffer* CertificateChain;
}

/// <summary>QUIC_CONNECTION_EVENT_TYPE.</summary>
internal enum ConnectionEventType
{
    Connected = 0,
    ShutdownByTransport = 1,
    ShutdownByPeer = 2,
    ShutdownComplete = 3,
    LocalAddressChanged = 4,
    PeerAddressChanged = 5,
    PeerStreamStarted = 6,
    StreamsAvailable = 7,
    DatagramStateChanged = 10,
    DatagramReceived = 11,
    DatagramSendStateChanged = 12,
    PeerCertificateReceived = 15,
}

/// <summary>QUIC_DATAGRAM_SEND_STATE.</summary>
internal enum DatagramSendState
{
    Unknown,
    Sent,
    LostSuspect,
    LostDiscarded,
    Acknowledged,
    AcknowledgedSpurious,
    Canceled,
}

/// <summary>QUIC_STREAM_EVENT.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct StreamEvent
{
    [FieldOffset(0)] public StreamEventType Type;
    [FieldOffset(8)] public uint StartStatus;
    [FieldOffset(16)] public ulong StartId;
    [FieldOffset(24)] public byte StartFlags;
    [FieldOffset(16)] public ulong ReceivedLength;
    [FieldOffset(24)] public NativeBuffer* ReceivedBuffers;
    [FieldOffset(32)] public uint ReceivedBufferCount;
    [FieldOffset(36)] public ReceiveFlags ReceiveFlags;
    [FieldOffset(8)] public byte SendCanceled;
    [FieldOffset(16)] public nint SendContext;
    [FieldOffset(8)] public ulong ErrorCode;
    [FieldOffset(8)] public byte ConnectionShutdown;
    [FieldOffset(9)] public byte ShutdownFlags;
    [FieldOffset(16)] public ulong ConnectionErrorCode;
    [FieldOffset(24)] public uint ConnectionCloseStatus;
    [FieldOffset(8)] public ulong IdealSendBufferSize;
}

/// <summary>QUIC_STREAM_EVENT_TYPE.</summary>
internal enum StreamEventType
{
    StartComplete = 0,
    Receive = 1,
    SendComplete = 2,
    PeerSendShutdown = 3,
    PeerSendAborted = 4,
    PeerReceiveAborted = 5,
    SendShutdownComplete = 6,
    ShutdownComplete = 7,
    IdealSendBufferSize = 8,
    PeerAccepted = 9,
}

/// <summary>QUIC_RECEIVE_FLAGS.</summary>
[Flags]
internal enum ReceiveFlags
{
    None = 0,
    Fin = 2,
}

/// <summary>QUIC_STREAM_OPEN_FLAGS.</summary>
[Flags]
internal enum StreamOpenFlags
{
    None = 0,
    Unidirectional = 1,
}

/// <summary>QUIC_STREAM_START_FLAGS.</summary>
[Flags]
internal enum StreamStartFlags
{
    None = 0,
    FailBlocked = 2,
    ShutdownOnFail = 4,
    IndicatePeerAccept = 8,
}

/// <summary>QUIC_STREAM_SHUTDOWN_FLAGS.</summary>
[Flags]
internal enum StreamShutdownFlags
{
    Graceful = 1,
    AbortSend = 2,
    AbortReceive = 4,
    Abort = AbortSend | AbortReceive,
    Immediate = 8,
}
