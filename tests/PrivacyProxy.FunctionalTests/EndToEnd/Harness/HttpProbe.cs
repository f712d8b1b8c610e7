using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>A connection on which a test writes the exact bytes it means, over plain TCP or TLS with HTTP/1.1.</summary>
internal sealed class HttpProbe : ITunnelProbe
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly CancellationTokenSource _deadline = new(ChildProcess.Patience);
    private readonly byte[] _buffer = new byte[1 << 16];
    private ReadOnlyMemory<byte> _unread;

    private HttpProbe(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        LocalAddress = socket.LocalEndPoint!.ToString()!;
    }

    public string LocalAddress { get; }

    public static async Task<HttpProbe> ConnectAsync(Uri proxy, string? caFile = null, IPAddress? from = null, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size) socket.ReceiveBufferSize = size;
        if (from is not null) socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(proxy.Host, proxy.Port);
        var plain = new NetworkStream(socket, ownsSocket: true);
        return new HttpProbe(socket, proxy.Scheme == "https" ? await TlsClient.AuthenticateAsync(plain, proxy.Host, caFile!, SslApplicationProtocol.Http11) : plain);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes, _deadline.Token);
        await _stream.FlushAsync(_deadline.Token);
    }

    /// <summary>A CONNECT as a plain client writes it, with further whole field lines.</summary>
    public static string ConnectHead(string authority, params string[] fields) =>
        $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n";

    /// <summary>Ends our direction: FIN, or close_notify and FIN.</summary>
    public async Task HalfCloseAsync()
    {
        if (_stream is SslStream tls) await tls.ShutdownAsync();
        else _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Aborts with a TCP reset.</summary>
    public Task ResetAsync()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
        return Task.CompletedTask;
    }

    /// <summary>Reads one response head; what follows it stays to be read.</summary>
    public async Task<HttpHead> ReadHeadAsync()
    {
        var head = new List<byte>();
        while (!(head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r'))
        {
            if (_unread.IsEmpty && !await FillAsync())
                throw new EndOfStreamException($"The connection ended within a head: '{Encoding.Latin1.GetString([.. head])}'");
            head.Add(_unread.Span[0]);
            _unread = _unread[1..];
        }

        return HttpHead.Parse(Encoding.Latin1.GetString([.. head]));
    }

    public async Task<string> ReadAsync(int count)
    {
        var bytes = new List<byte>();
        while (bytes.Count < count)
        {
            if (_unread.IsEmpty && !await FillAsync()) throw new EndOfStreamException($"The connection ended after {bytes.Count} of {count} bytes.");
            var take = Math.Min(count - bytes.Count, _unread.Length);
            bytes.AddRange(_unread[..take].Span);
            _unread = _unread[take..];
        }

        return Encoding.Latin1.GetString([.. bytes]);
    }

    public async Task<string> ReadToEndAsync()
    {
        var bytes = new List<byte>();
        do
        {
            bytes.AddRange(_unread.Span);
            _unread = default;
        }
        while (await FillAsync());

        return Encoding.Latin1.GetString([.. bytes]);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _deadline.Dispose();
    }

    private async Task<bool> FillAsync()
    {
        var read = await _stream.ReadAsync(_buffer, _deadline.Token);
        _unread = _buffer.AsMemory(0, read);
        return read > 0;
    }
}
