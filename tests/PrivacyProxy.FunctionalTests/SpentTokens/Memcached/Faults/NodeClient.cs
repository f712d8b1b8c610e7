using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Looks into a memcached past the client under test.</summary>
internal sealed class NodeClient : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly StreamReader _replies;

    private NodeClient(IPEndPoint endPoint)
    {
        _client.Connect(endPoint);
        _client.ReceiveTimeout = 30_000;
        _replies = new StreamReader(_client.GetStream(), Encoding.ASCII);
    }

    public static NodeClient Connect(EndPoint endPoint) => new((IPEndPoint)endPoint);

    /// <param name="token">The token.</param>
    /// <param name="tags">How many tags keys have, as behind a router.</param>
    public static string KeyOf(SpentToken token, int tags = 0)
    {
        Span<byte> text = stackalloc byte[SpentTokenKey.TextLength];
        token.Key.WriteText(text);
        return "pp:" + (tags > 0 ? KeyTag.Text(KeyTag.NumberOf(token.Key, tags)) : "") + Encoding.ASCII.GetString(text);
    }

    public bool Holds(SpentToken token, int tags = 0) => HoldsKey(KeyOf(token, tags));

    /// <summary>Whether the marker of the token's tag is here.</summary>
    public bool HoldsMarkerOf(SpentToken token, int tags) => HoldsKey("pp:" + KeyTag.Text(KeyTag.NumberOf(token.Key, tags)) + KeyTag.Marker);

    private bool HoldsKey(string key)
    {
        Send($"get {key}\r\n");
        var held = false;
        while (_replies.ReadLine() is { } line && line != "END") held |= line.StartsWith("VALUE ", StringComparison.Ordinal);
        return held;
    }

    /// <summary>Adds keys of a token's size until there is no room for another; how many it took.</summary>
    public int Fill()
    {
        var count = 0;
        while (Command($"add {Filler(count)} 0 0 1\r\n1\r\n") == "STORED") count++;
        return count;
    }

    public void Remove(int fillers)
    {
        for (var i = 0; i < fillers; i++) Command($"delete {Filler(i)}\r\n");
    }

    /// <summary>flush_all: it forgets everything while its connections stay.</summary>
    public void Flush() => Assert.Equal("OK", Command("flush_all\r\n"));

    public void Dispose() => _client.Dispose();

    private static string Filler(int number) => $"ff:{number:D43}";

    private string? Command(string text)
    {
        Send(text);
        return _replies.ReadLine();
    }

    private void Send(string text) => _client.GetStream().Write(Encoding.ASCII.GetBytes(text));
}
