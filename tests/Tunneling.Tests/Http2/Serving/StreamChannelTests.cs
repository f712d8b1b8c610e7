using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tunneling.Http2;
using Tunneling.Http2.Serving;
using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Tests.Http2.Serving;

/// <summary>What a stream holds because nobody reads it at once: every byte, in order, and no more than its window.</summary>
public sealed class StreamChannelTests : IAsyncLifetime
{
    private const int Streams = 8;
    private const int Length = 400_003;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);
    private static readonly Http2Limits _limits = new() { StreamWindow = 20_000, MaxStreamWindow = 50_000, MaxGrowth = 60_000 };

    private readonly ConcurrentDictionary<int, OddReader> _readers = new();
    private readonly SessionServer _server;

    public StreamChannelTests() => _server = new SessionServer(_limits)
    {
        Serves = request =>
        {
            request.Session.Authenticated();
            request.Respond(200, [], endsStream: false);
            _readers[request.Stream.Id] = new OddReader(request);
        },
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Assert.Empty(_server.Failures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Bytes_that_are_read_late_and_in_odd_pieces_are_all_there_and_in_order(int seed)
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint);
        var sent = new Dictionary<int, byte[]>();
        var uploads = new List<Task>();
        for (var i = 0; i < Streams; i++)
        {
            var id = 1 + (2 * i);
            sent[id] = RandomNumberGenerator.GetBytes(Length + i);
            await client.SendAsync(new ClientBytes().Headers(id, ClientBytes.Connect()));
            uploads.Add(UploadAsync(client, id, sent[id], new Random((seed * 100) + i)));
        }

        await Task.WhenAll(uploads).WaitAsync(_patience);
        foreach (var (id, bytes) in sent)
        {
            var reader = _readers[id];
            var read = await reader.All.WaitAsync(_patience);
            Assert.True(bytes.AsSpan().SequenceEqual(read), $"stream {id}");
            Assert.True(reader.HeldLongest > 0, "Nothing was ever held: the test shows nothing.");
        }

        // What all streams held never was more than their windows, early ones with what clients may send before they know better.
        var most = _readers.Values.Max(static reader => reader.MostOfConnection);
        Assert.InRange(most, 1, (Streams * 65_535) + _limits.MaxGrowth);
    }

    /// <summary>In frames of any size, several to a write.</summary>
    private static async Task UploadAsync(RawClient client, int stream, byte[] bytes, Random random)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var part = Math.Min(bytes.Length - at, 1 + random.Next(random.Next(3) == 0 ? 40_000 : 700));
            await client.UploadAsync(stream, bytes[at..(at + part)], ends: false);
            at += part;
        }

        await client.SendAsync(new ClientBytes().Data(stream, 0, ends: true));
    }

    /// <summary>Reads sometimes at once and sometimes turns later, into room of any size.</summary>
    private sealed class OddReader : IChannelHandler
    {
        private readonly TaskCompletionSource<byte[]> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly MemoryStream _bytes = new();
        private readonly Http2StreamChannel _channel;
        private readonly Random _random;
        private bool _isPosted;

        public OddReader(Http2StreamChannel channel)
        {
            (_channel, _random) = (channel, new Random(channel.Stream.Id));
            channel.Handler = this;
        }

        public Task<byte[]> All => _all.Task;

        /// <summary>The most bytes it found waiting.</summary>
        public int HeldLongest { get; private set; }

        public int MostOfConnection { get; private set; }

        public void OnReady(Channel channel)
        {
            HeldLongest = Math.Max(HeldLongest, _channel.Stream.Held);
            MostOfConnection = Math.Max(MostOfConnection, _channel.Session.Connection.HeldBytes);
            if (_channel.IsBroken)
            {
                _all.TrySetException(new IOException($"reset: {_channel.ResetCode}"));
                _channel.Abort();
                return;
            }

            while (_channel.CanRead)
            {
                if (_random.Next(3) > 0)
                {
                    ReadLater();
                    return;
                }

                var room = new byte[1 + _random.Next(_random.Next(4) == 0 ? 60_000 : 900)];
                var result = _channel.Read(room);
                if (result.Status == IoStatus.End)
                {
                    _all.TrySetResult(_bytes.ToArray());
                    _channel.Close();
                    return;
                }

                if (result.Status == IoStatus.Done) _bytes.Write(room.AsSpan(0, result.Value));
            }
        }

        private void ReadLater()
        {
            if (_isPosted) return;
            _isPosted = true;
            _channel.Loop.Post(
                _ =>
                {
                    _isPosted = false;
                    if (!_channel.IsClosed) OnReady(_channel);
                },
                null);
        }
    }
}
