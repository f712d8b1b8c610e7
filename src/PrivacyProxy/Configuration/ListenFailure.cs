using System.Net.Sockets;

namespace PrivacyProxy.Configuration;

/// <summary>Says in a few words why an address cannot be listened on.</summary>
internal static class ListenFailure
{
    public static string Reason(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
                return socket.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => "it is in use",
                    SocketError.AccessDenied => "permission denied",
                    SocketError.AddressNotAvailable => "this machine has no such address",
                    var code => code.ToString(),
                };
        }
        return exception.GetBaseException().Message.ReplaceLineEndings(" ");
    }
}
