using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>One CONNECT stream on an HTTP/2 connection of its own, by hand (RFC 9113).</summary>
internal sealed class Http2TestClient : TestClient
{
    private const byte Data = 0, Headers = 1, RstStream = 3, Settings = 4, GoAway = 7, WindowUpdate = 8;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4;
    private const int Stream1 = 1;

    private readonly Stream _stream;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _windowGrew = new(0);
    private readonly Pipe _data = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly TaskCompletionSource<TestAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private readonly bool _opensWindows;
    private long _connectionWindow = 65535, _streamWindow = 65535;

    private Http2TestClient(Stream stream, bool opensWindows)
    {
        _stream = stream;
        _opensWindows = opensWindows;
        _reading = ReadFramesAsync();
    }

    /// <summary>The code of the last GOAWAY received.</summary>
    public uint? GoAwayCode { get; private set; }

    /// <summary>The code of the RST_STREAM received.</summary>
    public uint? ResetCode { get; private set; }

    public static async Task<Http2TestClient> OpenAsync(IPEndPoint proxy, bool tls, bool opensWindows = true)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls) stream = await TestTls.AuthenticateAsync(stream, SslApplicationProtocol.Http2);
        // SETTINGS_HEADER_TABLE_SIZE 0: no dynamic table to keep. SETTINGS_INITIAL_WINDOW_SIZE as the test wants.
        byte[] settings = [0, 1, 0, 0, 0, 0, 0, 4, .. UInt32(opensWindows ? 0x7fffffffu : 65535)];
        // Before anything is read: what is read is acknowledged, and settings come first (RFC 9113, section 3.4).
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, settings)]);
        var client = new Http2TestClient(stream, opensWindows);
        if (opensWindows) await client.SendFrameAsync(WindowUpdate, 0, 0, UInt32(0x7fffffff - 65535));
        return client;
    }

    public override async Task<TestAnswer> RequestAsync(string authority, params (string Name, string Value)[] fields)
    {
        await SendRequestAsync(authority, fields);
        return await _answer.Task.WaitAsync(TestTimes.Limit);
    }

    /// <summary>Sends the request without waiting for its answer: for optimistic data.</summary>
    public Task SendRequestAsync(string authority, params (string Name, string Value)[] fields)
    {
        var block = Hpack.Write([new(":method", "CONNECT"), new(":authority", authority), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
        return SendFrameAsync(Headers, EndHeaders, Stream1, block);
    }

    /// <summary>Sends any fields: <c>name value|name value</c>.</summary>
    public Task SendFieldsAsync(string fields) => SendFrameAsync(Headers, EndHeaders, Stream1, Hpack.Write(
        [.. fields.Split('|').Select(static field => field.Split(' ', 2)).Select(static pair => KeyValuePair.Create(pair[0], pair[1]))]));

    public override Task SendTemplatedAsync(string protocol, string path, params (string Name, string Value)[] fields) =>
        SendRequestAsync("proxy.test", [(":protocol", protocol), (":scheme", "https"), (":path", path), .. fields]);

    public override Task<TestAnswer> ReadAnswerAsync() => _answer.Task.WaitAsync(TestTimes.Limit);

    public override async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = (int)Math.Min(16384, Math.Min(Interlocked.Read(ref _connectionWindow), Interlocked.Read(ref _streamWindow)));
            if (room <= 0)
            {
                await _windowGrew.WaitAsync();
                if (_reading.IsCompleted) throw new IOException("The connection ended.");
                continue;
            }

            var part = bytes[..Math.Min(room, bytes.Length)];
            Interlocked.Add(ref _connectionWindow, -part.Length);
            Interlocked.Add(ref _streamWindow, -part.Length);
            await SendFrameAsync(Data, 0, Stream1, part);
            bytes = bytes[part.Length..];
        }
    }

    public override async Task<int> ReadAsync(Memory<byte> buffer)
    {
        var result = await _data.Reader.ReadAsync();
        var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
        var part = result.Buffer.Slice(0, count);
        var target = buffer;
        foreach (var segment in part)
        {
            segment.CopyTo(target);
            target = target[segment.Length..];
        }

        _data.Reader.AdvanceTo(part.End);
        return count;
    }

    public override Task EndAsync() => SendFrameAsync(Data, EndStream, Stream1, default);

    // 8 is CANCEL.
    public override Task ResetAsync() => SendFrameAsync(RstStream, 0, Stream1, UInt32(8));

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        try
        {
            await _reading;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It ended because the stream was disposed.
        }
    }

    private static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    private async Task SendFrameAsync(byte type, byte flags, int stream, ReadOnlyMemory<byte> payload)
    {
        var frame = Frame(type, flags, stream, payload.Span);
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(frame);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadFramesAsync()
    {
        try
        {
            var head = new byte[9];
            while (true)
            {
                await _stream.ReadExactlyAsync(head);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
                await _stream.ReadExactlyAsync(payload);
                await ReadFrameAsync(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
            }
        }
        catch (Exception e)
        {
            var failure = new IOException($"The connection ended, GOAWAY {GoAwayCode}.", e);
            _answer.TrySetException(failure);
            await _data.Writer.CompleteAsync(failure);
        }
        finally
        {
            _windowGrew.Release(1000);
        }
    }

    private async Task ReadFrameAsync(byte type, byte flags, int stream, byte[] payload)
    {
        switch (type)
        {
            case Data:
                await _data.Writer.WriteAsync(payload);
                if (_opensWindows && payload.Length > 0)
                {
                    await SendFrameAsync(WindowUpdate, 0, 0, UInt32((uint)payload.Length));
                    await SendFrameAsync(WindowUpdate, 0, Stream1, UInt32((uint)payload.Length));
                }

                if ((flags & EndStream) != 0) await _data.Writer.CompleteAsync();
                break;
            case Headers:
                var (status, fields) = Hpack.Read(payload);
                _answer.TrySetResult(new TestAnswer(status, fields));
                if ((flags & EndStream) != 0) await _data.Writer.CompleteAsync();
                break;
            case RstStream:
                ResetCode = BinaryPrimitives.ReadUInt32BigEndian(payload);
                await _data.Writer.CompleteAsync(new IOException($"The stream was reset: {ResetCode}."));
                _answer.TrySetException(new IOException($"The stream was reset: {ResetCode}."));
                break;
            case Settings when (flags & Ack) == 0:
                for (var at = 0; at < payload.Length; at += 6)
                {
                    if (payload[at + 1] != 4) continue;
                    Interlocked.Add(ref _streamWindow, (long)BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(at + 2)) - 65535);
                    _windowGrew.Release();
                }

                await SendFrameAsync(Settings, Ack, 0, default);
                break;
            case WindowUpdate:
                var increment = BinaryPrimitives.ReadUInt32BigEndian(payload);
                if (stream == 0) Interlocked.Add(ref _connectionWindow, increment);
                else Interlocked.Add(ref _streamWindow, increment);
                _windowGrew.Release();
                break;
            case GoAway:
                GoAwayCode = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4));
                break;
        }
    }
}
