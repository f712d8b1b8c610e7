using System.Net.Sockets;
using PrivacyProxy.Requests;
using Tunneling.Loops;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>A connected socket, or why there is none.</summary>
internal readonly record struct DialResult(Socket? Socket, ProxyStatusError Error)
{
    /// <summary>Instead of a socket, a connection on the loop that dialled.</summary>
    public OutgoingChannel? Channel { get; init; }

    public bool IsConnected => Socket is not null || Channel is not null;
}
