using System.Net;
using System.Net.Sockets;
using Tunneling.Http2.Frames;

namespace Tunneling.Tests.Http2.Serving;

/// <summary>A client that keeps to its windows, gives back what it reads, and remembers every frame.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly List<SentFrame> _frames = [];
    private readonly Dictionary<int, MemoryStream> _received = [];
    private readonly Dictionary<int, long> _windows = [];
    private readonly SemaphoreSlim _sending = new(1);
    private readonly bool _opensWindows;
    private long _initialWindow = 65_535;
    private long _window = 65_535;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RawClient(Socket socket, bool opensWindows) => (_socket, _opensWindows) = (socket, opensWindows);

    /// <summary>Completes when the server has closed.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public static async Task<RawClient> ConnectAsync(IPEndPoint server, int? initialWindow = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        var client = new RawClient(socket, initialWindow is null);
        await client.SendAsync(new ClientBytes().Raw(FrameReader.Preface).Settings(initialWindow is { } window ? [(4, (uint)window)] : []));
        client.Ended = client.ReceiveAsync();
        return client;
    }

    public async Task SendAsync(ClientBytes bytes)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(bytes.ToArray());
        }
        finally
        {
            _sending.Release();
        }
    }

    public byte[] Received(int stream)
    {
        lock (_gate) return _received.TryGetValue(stream, out var bytes) ? bytes.ToArray() : [];
    }

    /// <summary>The first frame like this, received already or to come.</summary>
    public async Task<SentFrame> UntilAsync(Predicate<SentFrame> isWanted)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_frames.Find(isWanted) is { } found) return found;
                changed = _changed.Task;
            }

            if (Ended.IsCompleted) Assert.Fail("The connection has ended: " + string.Join(", ", _frames.Where(f => f.Type != FrameType.Data)));
            await Task.WhenAny(changed, Ended);
        }
    }

    /// <summary>What a stream brings until it ends.</summary>
    public async Task<byte[]> ReadStreamAsync(int stream)
    {
        await UntilAsync(f => f.Header.StreamId == stream && f.Type == FrameType.Data && f.Header.Has(FrameFlags.EndStream));
        return Received(stream);
    }

    /// <summary>Sends as the windows open.</summary>
    public async Task UploadAsync(int stream, byte[] bytes, bool ends)
    {
        var sent = 0;
        while (sent < bytes.Length)
        {
            var allowed = await TakeWindowAsync(stream, bytes.Length - sent, wait: true);
            await SendAsync(new ClientBytes().Data(stream, bytes[sent..(sent + allowed)]));
            sent += allowed;
        }

        if (ends) await SendAsync(new ClientBytes().Data(stream, 0, ends: true));
    }

    /// <summary>Sends until the stream's window is used up and nothing was given back for a while.</summary>
    public async Task FillWindowAsync(int stream)
    {
        for (var idle = 0; idle < 5;)
        {
            var allowed = await TakeWindowAsync(stream, 16_384, wait: false);
            if (allowed > 0)
            {
                idle = 0;
                await SendAsync(new ClientBytes().Data(stream, allowed));
            }
            else
            {
                idle++;
                await Task.Delay(20);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<int> TakeWindowAsync(int stream, int wanted, bool wait)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                _windows.TryAdd(stream, _initialWindow);
                var allowed = (int)Math.Min(Math.Min(wanted, 16_384), Math.Min(_window, _windows[stream]));
                if (allowed > 0)
                {
                    _window -= allowed;
                    _windows[stream] -= allowed;
                    return allowed;
                }

                changed = _changed.Task;
            }

            if (!wait) return 0;
            if (Ended.IsCompleted) Assert.Fail("The connection has ended.");
            await Task.WhenAny(changed, Ended);
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 17];
        var count = 0;
        try
        {
            while (true)
            {
                var read = await _socket.ReceiveAsync(buffer.AsMemory(count));
                if (read == 0) return;
                count += read;
                var at = 0;
                var replies = new ClientBytes();
                while (count - at >= FrameHeader.Size)
                {
                    var header = FrameHeader.Read(buffer.AsSpan(at));
                    if (count - at < FrameHeader.Size + header.Length) break;
                    Take(new SentFrame(header, buffer.AsSpan(at + FrameHeader.Size, header.Length).ToArray()), replies);
                    at += FrameHeader.Size + header.Length;
                }

                buffer.AsSpan(at, count - at).CopyTo(buffer);
                count -= at;
                if (replies.Length > 0) await SendAsync(replies);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
        finally
        {
            lock (_gate) _changed.TrySetResult();
        }
    }

    private void Take(SentFrame frame, ClientBytes replies)
    {
        lock (_gate)
        {
            var id = frame.Header.StreamId;
            switch (frame.Type)
            {
                case FrameType.Data:
                    if (!_received.TryGetValue(id, out var bytes)) _received[id] = bytes = new MemoryStream();
                    bytes.Write(frame.Payload);
                    if (frame.Payload.Length > 0 && _opensWindows)
                        replies.WindowUpdate(0, (uint)frame.Payload.Length).WindowUpdate(id, (uint)frame.Payload.Length);
                    frame = frame with { Payload = [] };
                    if (!frame.Header.Has(FrameFlags.EndStream)) break;
                    _frames.Add(frame);
                    break;
                case FrameType.WindowUpdate:
                    if (id == 0) _window += frame.FirstNumber;
                    else _windows[id] = _windows.GetValueOrDefault(id, _initialWindow) + frame.FirstNumber;
                    break;
                case FrameType.Settings when !frame.Header.Has(FrameFlags.Ack):
                    // Not acknowledged, so that nothing comes in between the frames of a test.
                    TakeSettings(frame.Payload);
                    break;
                case FrameType.Ping when !frame.Header.Has(FrameFlags.Ack):
                    replies.Frame(FrameType.Ping, FrameFlags.Ack, 0, frame.Payload);
                    break;
                default:
                    _frames.Add(frame);
                    break;
            }

            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void TakeSettings(byte[] payload)
    {
        for (var at = 0; at < payload.Length; at += 6)
        {
            if (payload[at + 1] == (byte)SettingId.InitialWindowSize)
                _initialWindow = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(at + 2));
        }
    }
}
