using System.Runtime.InteropServices;

namespace MsQuic.Native;

/// <summary>QUIC_API_TABLE of API version 2, as far as it is used; libmsquic owns it and keeps it until MsQuicClose.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ApiTable
{
    public delegate* unmanaged<nint, void*, void> SetContext;
    public delegate* unmanaged<nint, void*> GetContext;
    public delegate* unmanaged<nint, void*, void*, void> SetCallbackHandler;
    public delegate* unmanaged<nint, uint, uint, void*, uint> SetParam;
    public delegate* unmanaged<nint, uint, uint*, void*, uint> GetParam;
    public delegate* unmanaged<RegistrationConfig*, nint*, uint> RegistrationOpen;
    public delegate* unmanaged<nint, void> RegistrationClose;
    public delegate* unmanaged<nint, int, ulong, void> RegistrationShutdown;
    public delegate* unmanaged<nint, NativeBuffer*, uint, NativeSettings*, uint, void*, nint*, uint> ConfigurationOpen;
    public delegate* unmanaged<nint, void> ConfigurationClose;
    public delegate* unmanaged<nint, CredentialConfig*, uint> ConfigurationLoadCredential;
    public delegate* unmanaged<nint, delegate* unmanaged<nint, nint, ListenerEvent*, uint>, nint, nint*, uint> ListenerOpen;
    public delegate* unmanaged<nint, void> ListenerClose;
    public delegate* unmanaged<nint, NativeBuffer*, uint, byte*, uint> ListenerStart;
    public delegate* unmanaged<nint, void> ListenerStop;
    public delegate* unmanaged<nint, delegate* unmanaged<nint, nint, ConnectionEvent*, uint>, nint, nint*, uint> ConnectionOpen;
    public delegate* unmanaged<nint, void> ConnectionClose;
    public delegate* unmanaged<nint, int, ulong, void> ConnectionShutdown;
    public delegate* unmanaged<nint, nint, ushort, byte*, ushort, uint> ConnectionStart;
    public delegate* unmanaged<nint, nint, uint> ConnectionSetConfiguration;
    public delegate* unmanaged<nint, int, ushort, byte*, uint> ConnectionSendResumptionTicket;
    public delegate* unmanaged<nint, int, delegate* unmanaged<nint, nint, StreamEvent*, uint>, nint, nint*, uint> StreamOpen;
    public delegate* unmanaged<nint, void> StreamClose;
    public delegate* unmanaged<nint, int, uint> StreamStart;
    public delegate* unmanaged<nint, int, ulong, uint> StreamShutdown;
    public delegate* unmanaged<nint, NativeBuffer*, uint, int, void*, uint> StreamSend;
    public delegate* unmanaged<nint, ulong, void> StreamReceiveComplete;
    public delegate* unmanaged<nint, byte, uint> StreamReceiveSetEnabled;
    public delegate* unmanaged<nint, NativeBuffer*, uint, int, void*, uint> DatagramSend;

    /// <summary>Since 2.2, as the next.</summary>
    public delegate* unmanaged<nint, byte, uint> ConnectionResumptionTicketValidationComplete;
    public delegate* unmanaged<nint, byte, int, uint> ConnectionCertificateValidationComplete;
}
