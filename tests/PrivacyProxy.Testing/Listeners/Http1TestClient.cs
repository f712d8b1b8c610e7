using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>HTTP/1.1 by hand, over a socket or TLS.</summary>
internal sealed class Http1TestClient(Socket socket, Stream stream) : TestClient
{
    public Socket Socket => socket;

    public Stream Stream => stream;

    public static async Task<Http1TestClient> OpenAsync(IPEndPoint proxy, bool tls)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy);
        var network = new NetworkStream(socket, ownsSocket: true);
        return new Http1TestClient(socket, tls ? await TestTls.AuthenticateAsync(network, SslApplicationProtocol.Http11) : network);
    }

    public override async Task<TestAnswer> RequestAsync(string authority, params (string Name, string Value)[] fields)
    {
        var head = new StringBuilder($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        foreach (var (name, value) in fields) head.Append($"{name}: {value}\r\n");
        await SendTextAsync(head.Append("\r\n").ToString());
        return await ReadAnswerAsync();
    }

    public Task SendTextAsync(string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    public override Task SendTemplatedAsync(string protocol, string path, params (string Name, string Value)[] fields) => SendTextAsync(
        $"GET {path} HTTP/1.1\r\nHost: proxy.test\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{string.Concat(fields.Select(static field => $"{field.Name}: {field.Value}\r\n"))}\r\n");

    public override async Task<TestAnswer> ReadAnswerAsync()
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!CollectionsEndWith(head))
        {
            // Byte by byte: what follows belongs to the tunnel.
            if (await stream.ReadAsync(one).AsTask().WaitAsync(TestTimes.Limit) == 0) throw new EndOfStreamException(Encoding.Latin1.GetString([.. head]));
            head.Add(one[0]);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var fields = lines.Skip(1).Select(line => line.Split(": ", 2)).Select(parts => KeyValuePair.Create(parts[0].ToLowerInvariant(), parts[1])).ToList();
        return new TestAnswer(int.Parse(lines[0].Split(' ')[1]), fields);
    }

    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).WaitAsync(TestTimes.Limit);
        return all.ToArray();
    }

    public override Task WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes).AsTask();

    public override Task<int> ReadAsync(Memory<byte> buffer) => stream.ReadAsync(buffer).AsTask();

    public override async Task EndAsync()
    {
        if (stream is SslStream tls) await tls.ShutdownAsync();
        else socket.Shutdown(SocketShutdown.Send);
    }

    public override Task ResetAsync()
    {
        socket.Close(0);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => stream.DisposeAsync();

    private static bool CollectionsEndWith(List<byte> head) =>
        head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n';
}
