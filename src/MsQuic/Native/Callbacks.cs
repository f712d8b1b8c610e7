using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MsQuic.Native;

/// <summary>
/// Where libmsquic calls in, on threads of its own. An exception must not pass: the process would end. What a handler throws is counted, and
/// the connection that it concerns is closed.
/// </summary>
internal static unsafe class Callbacks
{
    private const ulong InternalErrorCode = 0x102;
    private static long _failures;

    /// <summary>Exceptions that were caught here since the process began: each is a defect.</summary>
    public static long Failures => Interlocked.Read(ref _failures);

    /// <summary>For a test that makes one.</summary>
    internal static void Forget() => Interlocked.Exchange(ref _failures, 0);

    [UnmanagedCallersOnly]
    public static uint OnListenerEvent(nint listener, nint context, ListenerEvent* @event)
    {
        try
        {
            // QUIC_LISTENER_EVENT_NEW_CONNECTION; the others say what is known.
            if (@event->Type != 0) return Status.Success;
            var info = @event->Info;
            var name = info->ServerNameLength == 0 ? "" : Encoding.UTF8.GetString(info->ServerName, info->ServerNameLength);
            return Find<IListenerEvents>(context).OnNewConnection(@event->Connection, name, SocketAddresses.Read(info->RemoteAddress)) ? Status.Success : Status.ConnectionRefused;
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _failures);
            return Status.InternalError;
        }
    }

    [UnmanagedCallersOnly]
    public static uint OnConnectionEvent(nint connection, nint context, ConnectionEvent* @event)
    {
        try
        {
            return Handle(Find<IConnectionEvents>(context), @event);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _failures);
            Library.Api.ConnectionShutdown(connection, 0, InternalErrorCode);
            return Status.InternalError;
        }
    }

    [UnmanagedCallersOnly]
    public static uint OnStreamEvent(nint stream, nint context, StreamEvent* @event)
    {
        try
        {
            return Handle(Find<IStreamEvents>(context), @event);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _failures);
            // It may be given a stream, whose connection it then closes.
            Library.Api.ConnectionShutdown(stream, 0, InternalErrorCode);
            return @event->Type == StreamEventType.Receive ? Status.Success : Status.InternalError;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Find<T>(nint context)
        where T : class => (T)GCHandle.FromIntPtr(context).Target!;

    private static uint Handle(IConnectionEvents target, ConnectionEvent* @event)
    {
        switch (@event->Type)
        {
            case ConnectionEventType.Connected:
                target.OnConnected(new ReadOnlySpan<byte>(@event->ConnectedAlpn, @event->ConnectedAlpnLength));
                break;
            case ConnectionEventType.ShutdownByTransport:
                target.OnShutdownByTransport(@event->TransportStatus, (long)@event->TransportErrorCode);
                break;
            case ConnectionEventType.ShutdownByPeer:
                target.OnShutdownByPeer((long)@event->PeerErrorCode);
                break;
            case ConnectionEventType.ShutdownComplete:
                target.OnShutdownComplete();
                break;
            case ConnectionEventType.PeerAddressChanged:
                if (SocketAddresses.Read(@event->Address) is { } address) target.OnPeerAddressChanged(address);
                break;
            case ConnectionEventType.PeerStreamStarted:
                target.OnStreamStarted(@event->Stream, (@event->StreamFlags & StreamOpenFlags.Unidirectional) == StreamOpenFlags.None);
                break;
            case ConnectionEventType.DatagramStateChanged:
                target.OnDatagramState(@event->DatagramSendEnabled != 0 ? @event->DatagramMaxLength : 0);
                break;
            case ConnectionEventType.DatagramReceived:
                target.OnDatagram(@event->Datagram->Span);
                break;
            case ConnectionEventType.DatagramSendStateChanged:
                // Its bytes are in a packet, or never will be. What becomes of that packet interests no one: no event after it finds it.
                if (@event->DatagramContext != null && @event->DatagramState is DatagramSendState.Sent or DatagramSendState.Canceled)
                {
                    var slot = DatagramSlot.Of(@event->DatagramContext, out var isFiller);
                    if (!isFiller) target.OnDatagramSent(@event->DatagramState == DatagramSendState.Sent);
                    slot.Release();
                    @event->DatagramContext = null;
                }

                break;
            case ConnectionEventType.PeerCertificateReceived:
                var certificate = @event->Certificate == null ? default : @event->Certificate->Span;
                var chain = @event->CertificateChain == null ? default : @event->CertificateChain->Span;
                return target.OnCertificate(certificate, chain);
            default:
                break;
        }

        return Status.Success;
    }

    private static uint Handle(IStreamEvents target, StreamEvent* @event)
    {
        switch (@event->Type)
        {
            case StreamEventType.StartComplete:
                target.OnStarted(@event->StartStatus, (long)@event->StartId, (@event->StartFlags & 1) != 0);
                break;
            case StreamEventType.PeerAccepted:
                target.OnAccepted();
                break;
            case StreamEventType.Receive:
                var buffers = new ReadOnlySpan<NativeBuffer>(@event->ReceivedBuffers, (int)@event->ReceivedBufferCount);
                // Held until they are given back; a length of 0 says only that there is an end.
                return target.OnReceived(buffers, (long)@event->ReceivedLength, (@event->ReceiveFlags & ReceiveFlags.Fin) != ReceiveFlags.None) ? Status.Pending : Status.Success;
            case StreamEventType.SendComplete:
                target.OnSent(@event->SendContext, @event->SendCanceled != 0);
                break;
            case StreamEventType.PeerSendShutdown:
                target.OnPeerFinished();
                break;
            case StreamEventType.PeerSendAborted:
                target.OnPeerReset((long)@event->ErrorCode);
                break;
            case StreamEventType.PeerReceiveAborted:
                target.OnPeerStopped((long)@event->ErrorCode);
                break;
            case StreamEventType.SendShutdownComplete:
                target.OnSendShutdown();
                break;
            case StreamEventType.ShutdownComplete:
                target.OnShutdownComplete(@event->ConnectionShutdown != 0);
                break;
            case StreamEventType.IdealSendBufferSize:
                target.OnIdealSendBuffer((long)@event->IdealSendBufferSize);
                break;
            default:
                break;
        }

        return Status.Success;
    }
}
