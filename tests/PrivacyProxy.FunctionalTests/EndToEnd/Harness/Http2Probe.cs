using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>
/// A bare HTTP/2 client for requests that no library sends: CONNECT with any target and field, over TLS or cleartext.
/// Windows are so wide that it never updates them; it sends small bodies only.
/// </summary>
internal sealed class Http2Probe : IAsyncDisposable
{
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8, Continuation = 9;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4;
    private const int MaxFrame = 16_384;

    private readonly Stream _stream;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<int, Http2ProbeStream> _streams = new();
    private readonly CancellationTokenSource _deadline = new(ChildProcess.Patience);
    private Task _reading = Task.CompletedTask;
    private int _nextStream = 1;

    private Http2Probe(Stream stream, string localAddress)
    {
        _stream = stream;
        LocalAddress = localAddress;
    }

    public string LocalAddress { get; }

    public static async Task<Http2Probe> ConnectAsync(Uri proxy, string? caFile = null, IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null) socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(proxy.Host, proxy.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (proxy.Scheme == "https") stream = await TlsClient.AuthenticateAsync(stream, proxy.Host, caFile!, SslApplicationProtocol.Http2);
        var probe = new Http2Probe(stream, socket.LocalEndPoint!.ToString()!);
        await probe.StartAsync();
        return probe;
    }

    /// <summary>Opens a stream with these fields, pseudo-header fields first.</summary>
    public async Task<Http2ProbeStream> RequestAsync(IEnumerable<KeyValuePair<string, string>> fields, bool endStream = false)
    {
        var stream = new Http2ProbeStream(this, _nextStream, _deadline.Token);
        _nextStream += 2;
        _streams[stream.Id] = stream;
        var block = Hpack.Write(fields);
        for (var sent = 0; sent == 0 || sent < block.Length; sent += MaxFrame)
        {
            var part = block.AsMemory(sent, Math.Min(MaxFrame, block.Length - sent));
            var flags = (sent + part.Length == block.Length ? EndHeaders : 0) | (endStream && sent == 0 ? EndStream : 0);
            await WriteFrameAsync(sent == 0 ? Headers : Continuation, (byte)flags, stream.Id, part);
        }

        return stream;
    }

    /// <summary>Classic CONNECT (RFC 9113, section 8.5).</summary>
    public Task<Http2ProbeStream> ConnectAsync(string authority, params KeyValuePair<string, string>[] fields) =>
        RequestAsync([KeyValuePair.Create(":method", "CONNECT"), KeyValuePair.Create(":authority", authority), .. fields]);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
        _writing.Dispose();
        _deadline.Dispose();
    }

    internal Task SendDataAsync(int stream, ReadOnlyMemory<byte> data, bool end) =>
        WriteFrameAsync(Data, end ? EndStream : (byte)0, stream, data);

    internal Task SendTrailersAsync(int stream, KeyValuePair<string, string>[] fields) => WriteFrameAsync(Headers, EndHeaders | EndStream, stream, Hpack.Write(fields));

    internal Task SendResetAsync(int stream, uint code)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, code);
        return WriteFrameAsync(Reset, 0, stream, payload);
    }

    private async Task StartAsync()
    {
        await _stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), _deadline.Token);
        // SETTINGS_HEADER_TABLE_SIZE 0, SETTINGS_ENABLE_PUSH 0, SETTINGS_INITIAL_WINDOW_SIZE 2^30.
        await WriteFrameAsync(Settings, 0, 0, new byte[] { 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4, 0x40, 0, 0, 0 });
        await WriteFrameAsync(WindowUpdate, 0, 0, new byte[] { 0x40, 0, 0, 0 });
        _reading = ReadAsync();
    }

    private async Task ReadAsync()
    {
        Exception? end = null;
        var block = new List<byte>();
        var header = new byte[9];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(header, _deadline.Token);
                var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
                await _stream.ReadExactlyAsync(payload, _deadline.Token);
                await DispatchAsync(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue, payload, block);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            end = e;
        }

        foreach (var stream in _streams.Values) stream.Abort(end);
    }

    private async Task DispatchAsync(byte type, byte flags, int id, byte[] payload, List<byte> block)
    {
        _streams.TryGetValue(id, out var stream);
        switch (type)
        {
            case Headers or Continuation:
                block.AddRange(payload);
                if ((flags & EndHeaders) != 0)
                {
                    var (status, fields) = Hpack.Read([.. block]);
                    stream?.OnHead(new HttpHead(status, fields));
                    block.Clear();
                }

                if (type == Headers && (flags & EndStream) != 0) stream?.OnData([], end: true);
                break;
            case Data:
                stream?.OnData(payload, (flags & EndStream) != 0);
                break;
            case Reset:
                stream?.OnReset(BinaryPrimitives.ReadUInt32BigEndian(payload));
                break;
            case GoAway:
                throw new IOException($"GOAWAY {BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4))}");
            case Settings or Ping when (flags & Ack) == 0:
                await WriteFrameAsync(type, Ack, 0, type == Ping ? payload : default);
                break;
        }
    }

    private async Task WriteFrameAsync(byte type, byte flags, int stream, ReadOnlyMemory<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsMemory(9));
        await _writing.WaitAsync(_deadline.Token);
        try
        {
            await _stream.WriteAsync(frame, _deadline.Token);
        }
        finally
        {
            _writing.Release();
        }
    }
}
