using System.Text;
using Tunneling.Http2;
using Tunneling.Http2.Frames;
using Tunneling.Http2.Requests;

namespace Tunneling.Tests.Http2;

/// <summary>A connection under test and what it has told; the tests are its socket and its application.</summary>
internal sealed class Peer : IHttp2Events, IDisposable
{
    private readonly RequestHead _head;
    private readonly StringBuilder _data = new();

    public Peer(Http2Limits? limits = null)
    {
        limits ??= Http2Limits.Default;
        _head = new RequestHead(limits.MaxFieldListSize);
        Connection = new Http2Connection(limits, _head, this, now: 0);
    }

    public Http2Connection Connection { get; }

    public long Now { get; set; }

    /// <summary>Everything that was told, a line each; DATA that came in pieces is one line.</summary>
    public List<string> Events { get; } = [];

    /// <summary>The streams that were opened, closed ones too.</summary>
    public Dictionary<int, Http2Stream> Streams { get; } = [];

    public Action<Http2Stream, RequestHead>? OnRequest { get; set; }

    /// <summary>Consume DATA as it comes.</summary>
    public bool Consumes { get; set; } = true;

    public Http2Stream this[int id] => Streams[id];

    public static Peer Started(Http2Limits? limits = null)
    {
        var peer = new Peer(limits);
        peer.Send(ClientBytes.Started());
        peer.Sent();
        peer.Events.Clear();
        return peer;
    }

    public bool Send(ClientBytes bytes) => Send(bytes.ToArray());

    public bool Send(ReadOnlySpan<byte> bytes)
    {
        var taken = Connection.Receive(bytes, Now);
        FlushData();
        return taken;
    }

    /// <summary>What waits to be sent, without DATA.</summary>
    public List<SentFrame> Sent()
    {
        var bytes = new byte[Connection.QueuedControl];
        Assert.Equal(bytes.Length, Connection.TakeControl(bytes));
        return SentFrame.Parse(bytes);
    }

    /// <summary>An open tunnel, answered with 200.</summary>
    public Http2Stream Open(int id = 1, bool authenticated = true)
    {
        Send(new ClientBytes().Headers(id, ClientBytes.Connect()));
        if (authenticated) Connection.Authenticated();
        Connection.Respond(Streams[id], 200, [], endsStream: false);
        Sent();
        return Streams[id];
    }

    public void Dispose() => Connection.Dispose();

    void IHttp2Events.OnRequest(Http2Stream stream, RequestHead head, bool hasEnded)
    {
        FlushData();
        Streams.Add(stream.Id, stream);
        Events.Add($"{stream.Id} {Encoding.Latin1.GetString(head.Method)} {Encoding.Latin1.GetString(head.Authority)}{Encoding.Latin1.GetString(head.Path)}{(hasEnded ? " ended" : "")}");
        OnRequest?.Invoke(stream, head);
    }

    void IHttp2Events.OnData(Http2Stream stream, ReadOnlySpan<byte> data)
    {
        if (_dataOf != stream.Id) FlushData();
        _dataOf = stream.Id;
        _data.Append(Convert.ToHexString(data));
        if (Consumes) Connection.Consumed(stream, data.Length, Now);
    }

    void IHttp2Events.OnEnd(Http2Stream stream) => Add($"{stream.Id} end");

    void IHttp2Events.OnReset(Http2Stream stream, Http2ErrorCode code, bool byPeer) => Add($"{stream.Id} {(byPeer ? "was reset" : "broke a rule")} {code}");

    void IHttp2Events.OnGoAway(Http2ErrorCode code) => Add($"goaway {code}");

    void IHttp2Events.OnFailure(Http2ErrorCode code) => Add($"failure {code}");

    private int _dataOf;

    private void Add(string line)
    {
        FlushData();
        Events.Add(line);
    }

    private void FlushData()
    {
        if (_data.Length == 0) return;
        Events.Add($"{_dataOf} data {_data}");
        _data.Clear();
    }
}
