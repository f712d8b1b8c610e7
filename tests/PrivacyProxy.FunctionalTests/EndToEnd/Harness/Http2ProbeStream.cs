using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>One stream of <see cref="Http2Probe"/>; disposing it ends the whole connection.</summary>
internal sealed class Http2ProbeStream(Http2Probe connection, int id, CancellationToken deadline) : ITunnelProbe
{
    private readonly TaskCompletionSource<HttpHead> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<uint> _reset = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<byte[]> _data = Channel.CreateUnbounded<byte[]>();
    private readonly List<byte> _unread = [];

    public int Id { get; } = id;

    /// <summary>Answers before the answer.</summary>
    public ConcurrentQueue<HttpHead> Interims { get; } = [];

    public string LocalAddress => connection.LocalAddress;

    public Task<HttpHead> ReadHeadAsync() => _head.Task.WaitAsync(deadline);

    /// <summary>The code of the RST_STREAM that ended it.</summary>
    public Task<uint> ReadResetAsync() => _reset.Task.WaitAsync(deadline);

    public Task SendAsync(string text) => connection.SendDataAsync(Id, Encoding.Latin1.GetBytes(text), end: false);

    /// <summary>END_STREAM, with trailers.</summary>
    public Task EndAsync(params KeyValuePair<string, string>[] trailers) => connection.SendTrailersAsync(Id, trailers);

    /// <summary>END_STREAM.</summary>
    public Task HalfCloseAsync() => connection.SendDataAsync(Id, default, end: true);

    /// <summary>RST_STREAM with CANCEL.</summary>
    public Task ResetAsync() => connection.SendResetAsync(Id, 8);

    public async Task<string> ReadAsync(int count)
    {
        while (_unread.Count < count) _unread.AddRange(await _data.Reader.ReadAsync(deadline));
        var text = Encoding.Latin1.GetString([.. _unread[..count]]);
        _unread.RemoveRange(0, count);
        return text;
    }

    public async Task<string> ReadToEndAsync()
    {
        await foreach (var part in _data.Reader.ReadAllAsync(deadline)) _unread.AddRange(part);
        var text = Encoding.Latin1.GetString([.. _unread]);
        _unread.Clear();
        return text;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    internal void OnHead(HttpHead head)
    {
        if (head.Status is >= 100 and < 200) Interims.Enqueue(head);
        else _head.TrySetResult(head);
    }

    internal void OnData(byte[] data, bool end)
    {
        if (data.Length > 0) _data.Writer.TryWrite(data);
        if (end) _data.Writer.TryComplete();
    }

    internal void OnReset(uint code)
    {
        _reset.TrySetResult(code);
        Abort(new IOException($"RST_STREAM {code}"));
    }

    internal void Abort(Exception? reason)
    {
        reason ??= new IOException("The connection ended.");
        _head.TrySetException(reason);
        _reset.TrySetException(reason);
        _data.Writer.TryComplete(reason);
    }
}
