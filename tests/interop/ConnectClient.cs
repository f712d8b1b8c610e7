using System.Net.Sockets;
using System.Text;

namespace Interop.Tests;

/// <summary>One CONNECT over HTTP/1.1, by hand.</summary>
internal sealed class ConnectClient : IDisposable
{
    private const int LargestHead = 32 * 1024;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TcpClient _client;

    private ConnectClient(TcpClient client, string head)
    {
        _client = client;
        Head = head.Split("\r\n");
        Status = int.Parse(head.AsSpan("HTTP/1.1 ".Length, 3));
    }

    public int Status { get; }

    private string[] Head { get; }

    public NetworkStream Tunnel => _client.GetStream();

    public IEnumerable<string> Fields(string name) =>
        Head.Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim());

    public static async Task<ConnectClient> ConnectAsync(Uri proxy, string target, string? proxyAuthorization = null)
    {
        using var timeout = new CancellationTokenSource(_patience);
        var client = new TcpClient();
        await client.ConnectAsync(proxy.Host, proxy.Port, timeout.Token);
        var credentials = proxyAuthorization is null ? "" : $"Proxy-Authorization: {proxyAuthorization}\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{credentials}\r\n"), timeout.Token);
        return new ConnectClient(client, await ReadHeadAsync(client.GetStream(), timeout.Token));
    }

    public void Dispose() => _client.Dispose();

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < LargestHead && !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
