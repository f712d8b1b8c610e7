using System.Net.Sockets;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>
/// Bytes that the kernel takes for a peer that does not read (TCP_NOTSENT_LOWAT). By default some megabytes: a stranger's answers would
/// pile up there before anybody noticed that they are not read. What is on its way does not count, so no answer is slower for it.
/// </summary>
internal static class UnsentLimit
{
    private const int Tcp = 6;
    private const int NotSentLowWater = 25; // Linux

    /// <summary>For a stranger.</summary>
    public const int StrangerBytes = 64 * 1024;

    /// <summary>For all connections that a listener will accept.</summary>
    public static void Set(Socket listener) => Set(listener, StrangerBytes);

    /// <summary>For one of them, which is no stranger's any more: what the system has for everybody.</summary>
    public static void Lift(Socket connection) => Set(connection, 0);

    private static void Set(Socket socket, int bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            socket.SetRawSocketOption(Tcp, NotSentLowWater, BitConverter.GetBytes(bytes));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }
    }
}
