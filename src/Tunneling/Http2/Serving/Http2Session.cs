using System.Buffers;
using Tunneling.Http2.Frames;
using Tunneling.Http2.Requests;
using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Http2.Serving;

/// <summary>
/// One HTTP/2 connection on a loop: reads the client's channel into the state machine, gives its streams their bytes, and sends what all of them
/// have to say with one write a turn. An idle one holds no buffer.
/// </summary>
internal sealed partial class Http2Session : IChannelHandler, IHttp2Events
{
    /// <summary>Bytes taken in before others on the loop have their turn.</summary>
    private const int ReadBudget = 512 * 1024;

    /// <summary>Answers that wait: more is not read until they have gone.</summary>
    private const int PauseAt = 64 * 1024;

    private readonly IHttp2Application _application;
    private Http2StreamChannel? _firstOpen;
    private readonly Http2Limits _limits;
    private bool _isClosed;
    private bool _isPaused;
    private bool _isReadPosted;
    private bool _isHeldByApplication;
    private byte[]? _rest; // from the pool: what was read and is not taken in yet
    private int _restCount;

    /// <param name="client">The client's end, plain or TLS; the session's own from here on.</param>
    /// <param name="limits">What the connection may take.</param>
    /// <param name="timeouts">How long it may take.</param>
    /// <param name="application">Who serves its requests.</param>
    public Http2Session(Channel client, Http2Limits limits, Http2Timeouts timeouts, IHttp2Application application)
    {
        (Client, _limits, _timeouts, _application) = (client, limits, timeouts, application);
        Connection = new Http2Connection(limits, Http2Input.Current.Head(limits.MaxFieldListSize), this, client.Loop.Now);
        _timer = new LoopTimer(static session => ((Http2Session)session!).Tick(), this);
        _lastStreamAt = client.Loop.Now;
    }

    public Channel Client { get; }

    public EventLoop Loop => Client.Loop;

    public Http2Connection Connection { get; }

    public bool IsClosed => _isClosed;

    /// <summary>It was ended because the client did not read what waited for it.</summary>
    public bool WasUnread { get; private set; }

    /// <summary>Begins, with bytes of the client that were read already; at most <see cref="EventLoop.BufferSize"/>.</summary>
    public void Start(ReadOnlySpan<byte> early)
    {
        Client.Handler = this;
        early.CopyTo(Http2Input.Current.Bytes);
        TakeIn(early.Length);
        Run();
    }

    /// <summary>One of the streams has shown who pays: the limits of strangers no longer hold.</summary>
    public void Authenticated()
    {
        if (_isClosed) return;
        Connection.Authenticated();
        Release();
        ScheduleFlush();
    }

    /// <summary>Takes in nothing more until <see cref="Release"/>; what has come already is kept, at most one read.</summary>
    public void Hold()
    {
        _isHeldByApplication = true;
        Connection.IsHeld = true;
    }

    /// <summary>Takes in again.</summary>
    public void Release()
    {
        _isHeldByApplication = false;
        TakeInAgain();
    }

    /// <summary>Asks the client to open no more streams; the connection closes once those it has are done.</summary>
    public void BeginDrain()
    {
        if (_isClosed) return;
        Connection.BeginDrain();
        _drainSince = Loop.Now;
        ScheduleFlush();
        KeepTime();
    }

    /// <summary>Breaks the connection and every stream of it.</summary>
    public void Abort()
    {
        if (_isClosed) return;
        Client.Abort();
        Finish();
    }

    void IChannelHandler.OnReady(Channel channel) => Run();

    void IHttp2Events.OnRequest(Http2Stream stream, RequestHead head, bool hasEnded)
    {
        var channel = new Http2StreamChannel(this, stream);
        Add(channel);
        if (HasTooMany) Connection.IsHeld = true;
        _application.OnRequest(channel, head);
    }

    void IHttp2Events.OnData(Http2Stream stream, ReadOnlySpan<byte> data)
    {
        var input = Http2Input.Current;
        var start = (int)System.Runtime.CompilerServices.Unsafe.ByteOffset(
            ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(input.Bytes),
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(data));
        ((Http2StreamChannel)stream.Owner!).Feed(input, start, data.Length);
    }

    void IHttp2Events.OnEnd(Http2Stream stream) => ((Http2StreamChannel)stream.Owner!).TellEnd();

    void IHttp2Events.OnReset(Http2Stream stream, Http2ErrorCode code, bool byPeer) => ((Http2StreamChannel)stream.Owner!).Break(code);

    void IHttp2Events.OnGoAway(Http2ErrorCode code)
    {
        // Its streams go on; without any there is nothing to wait for.
        if (Connection.StreamCount == 0) Connection.FinishDrain();
    }

    void IHttp2Events.OnFailure(Http2ErrorCode code) => BreakAll(code);

    internal void Consumed(Http2Stream stream, int count)
    {
        Connection.Consumed(stream, count, Loop.Now);
        if (Connection.QueuedControl > 0) ScheduleFlush();
    }

    internal void Remove(Http2StreamChannel channel)
    {
        if (channel.PreviousOpen is { } previous) previous.NextOpen = channel.NextOpen;
        else if (ReferenceEquals(_firstOpen, channel)) _firstOpen = channel.NextOpen;
        else return;
        if (channel.NextOpen is { } next) next.PreviousOpen = channel.PreviousOpen;
        (channel.PreviousOpen, channel.NextOpen) = (null, null);
        _application.OnEnded(channel);
        TakeInAgain();
        if (_firstOpen is not null) return;
        _lastStreamAt = Loop.Now;
        KeepTime();
    }

    private void Add(Http2StreamChannel channel)
    {
        channel.NextOpen = _firstOpen;
        if (_firstOpen is not null) _firstOpen.PreviousOpen = channel;
        _firstOpen = channel;
    }

    /// <summary>A stranger's requests wait unread where it has as many as it may.</summary>
    private bool HasTooMany => _limits.HoldsStrangers && !Connection.IsAuthenticated && Connection.StreamCount > _limits.MaxStreamsOfStrangers;

    private void TakeInAgain()
    {
        if (!Connection.IsHeld || _isClosed || _isHeldByApplication || HasTooMany) return;
        Connection.IsHeld = false;
        ReadLater();
    }

    private void Run()
    {
        if (_isClosed) return;
        if ((_isPaused || Connection.IsHeld) && Client.IsBroken)
        {
            // Nobody reads, which would tell.
            Abort();
            return;
        }

        Read();
        if (!_isClosed) Flush();
    }

    private void Read()
    {
        if (_restCount > 0 && !Connection.IsHeld) TakeInRest();
        for (var taken = 0; Client.CanRead && !_isClosed;)
        {
            if (_isPaused || Connection.IsHeld) return;
            if (taken >= ReadBudget)
            {
                ReadLater();
                return;
            }

            var result = Client.Read(Http2Input.Current.Bytes);
            switch (result.Status)
            {
                case IoStatus.WouldBlock:
                    KeepTime();
                    return;
                case IoStatus.End:
                    // The client is done with all of its streams, or has broken off.
                    Client.Close();
                    Finish();
                    return;
                case IoStatus.Failed:
                    Client.Abort();
                    Finish();
                    return;
            }

            taken += result.Value;
            if (!Connection.IsAuthenticated) _application.OnReceived(this, result.Value);
            if (_isClosed) return;
            TakeIn(result.Value);
            if (Connection.QueuedControl <= PauseAt || _isClosed) continue;
            Flush();
            _isPaused = Connection.QueuedControl > PauseAt;
        }

        KeepTime();
    }

    private void TakeIn(int count)
    {
        var input = Http2Input.Current;
        ReadOnlySpan<byte> bytes = input.Bytes.AsSpan(0, count);
        // After a failure what comes is only read until the client has closed.
        if (count > 0 && !Connection.HasFailed) Connection.Receive(ref bytes, Loop.Now);
        // First, while the buffer is what was read: who takes bytes may write, and get others their turn.
        if (!bytes.IsEmpty && !Connection.HasFailed) Keep(bytes);
        for (var i = 0; i < input.Fed.Count; i++) input.Fed[i].Deliver(input);
        input.Clear();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _rest = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(_rest);
        _restCount = bytes.Length;
    }

    private void TakeInRest()
    {
        var count = _restCount;
        _rest.AsSpan(0, count).CopyTo(Http2Input.Current.Bytes);
        ReleaseRest();
        TakeIn(count);
    }

    private void ReleaseRest()
    {
        if (_rest is not null) ArrayPool<byte>.Shared.Return(_rest);
        (_rest, _restCount) = (null, 0);
    }

    private void ReadLater()
    {
        if (_isReadPosted) return;
        _isReadPosted = true;
        Loop.PostNext(
            static state =>
            {
                var session = (Http2Session)state!;
                session._isReadPosted = false;
                session.Run();
            },
            this);
    }

    private void BreakAll(Http2ErrorCode code)
    {
        while (_firstOpen is { } channel)
        {
            Remove(channel);
            channel.Break(code);
        }
    }

    /// <summary>The client's channel is closed: tells whoever still waits for anything.</summary>
    private void Finish()
    {
        if (_isClosed) return;
        _isClosed = true;
        if (_timer.IsRunning) Loop.Stop(_timer);
        ReleaseOutput();
        ReleaseRest();
        Connection.Dispose();
        BreakAll(Http2ErrorCode.Cancel);
        _application.OnClosed(this);
    }
}
