using System.Net.Sockets;
using System.Text;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Nodes;

/// <summary>Asks a server past the store, on a connection of its own.</summary>
internal static class MemcachedText
{
    /// <summary>One command and the first piece of its reply.</summary>
    public static async Task<string> AskAsync(MemcachedProcess server, string command)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
        var reply = new byte[4096];
        return Encoding.ASCII.GetString(reply, 0, await socket.ReceiveAsync(reply));
    }

    public static Task<string> GetAsync(MemcachedProcess server, SpentTokenKey key)
    {
        var text = new byte[SpentTokenKey.TextLength];
        key.WriteText(text);
        return AskAsync(server, $"get pp:{Encoding.ASCII.GetString(text)}");
    }
}
