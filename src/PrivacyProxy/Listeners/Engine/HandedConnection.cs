using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using PrivacyProxy.Admission.Sockets;
using Tunneling.Admission;
using Tunneling.Loops;
using Tunneling.Native;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>A connection of a loop as Kestrel sees it: two pipes, of which the loop fills one and empties the other.</summary>
internal sealed class HandedConnection : DefaultConnectionContext, IConnectionCutFeature
{
    private const int MaxReadAhead = 256 * 1024;
    private const int ReadSize = 16 * 1024;

    /// <summary>How long the last bytes to a client that had a tunnel may take.</summary>
    private static readonly TimeSpan _longestEnd = TimeSpan.FromSeconds(30);

    // The loop's ends need no scheduler: their waits go on by way of its context, in the order of the calls on the other end.
    private static readonly PipeOptions _inputOptions = new(
        readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: MaxReadAhead, resumeWriterThreshold: MaxReadAhead / 2);

    private static readonly PipeOptions _outputOptions = new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.ThreadPool);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closed = new();
    private readonly Pipe _input = new(_inputOptions);
    private readonly Pipe _output = new(_outputOptions);
    private readonly Channel _channel;
    private readonly LoopPlace _place;
    private readonly byte[] _first;
    private AsyncChannel _io = null!;
    private volatile bool _breaks;

    /// <param name="channel">The connection, its own from here on.</param>
    /// <param name="place">Its place.</param>
    /// <param name="first">What was read of it already.</param>
    /// <param name="local">Where it was accepted.</param>
    public HandedConnection(Channel channel, LoopPlace place, byte[] first, EndPoint local)
    {
        (_channel, _place, _first) = (channel, place, first);
        ConnectionId = Guid.NewGuid().ToString("N");
        LocalEndPoint = local;
        RemoteEndPoint = channel.Peer.ToEndPoint();
        ConnectionClosed = _closed.Token;
        Transport = new WatchedTransport(new Ends(_input.Reader, _output.Writer), place, place.Owner);
        Application = new Ends(_output.Reader, _input.Writer);
        if (channel is TlsChannel secure) TlsFeatures.Leave(Features, secure.Session, place);
        Features.Set<AdmittedConnection>(place);
        Features.Set<IConnectionCutFeature>(this);
        Features.Set(place.Owner);
    }

    public bool SendsBeforeAbort { get; set; }

    /// <summary>Begins to move bytes; on the loop.</summary>
    public void Begin()
    {
        _place.LimitUnsent();
        _io = new AsyncChannel(_channel);
        _ = RunAsync();
    }

    /// <summary>A RST, or without a reason a FIN: Kestrel calls this, too, for clients that have ended in order.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (SendsBeforeAbort)
        {
            _output.Writer.Complete();
            return;
        }

        _breaks = abortReason is not null;
        _channel.Loop.Post(static state =>
        {
            var connection = (HandedConnection)state!;
            connection._io.Close(connection._breaks);
        }, this);
    }

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        // What was written is sent: to a stranger that does not read, no longer than it has for any answer.
        if (_place.IsStranger) _place.WriteWaits();
        try
        {
            await _ended.Task.WaitAsync(_longestEnd);
        }
        catch (TimeoutException)
        {
            _place.Owner.TryShed(_place, ShedReason.Unread);
            await _ended.Task;
        }

        _closed.Dispose();
        await base.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        await SendAsync();
        // Kestrel has nothing more to say: it reads no more either.
        _io.Close(breaks: false);
        _input.Writer.CancelPendingFlush();
        await receiving;
        _place.Leave();
        _ended.SetResult();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        var flushed = await _input.Writer.WriteAsync(_first);
        while (!flushed.IsCompleted && !flushed.IsCanceled)
        {
            await _io.WaitToReadAsync();
            var result = _channel.Read(_input.Writer.GetMemory(ReadSize).Span);
            if (result.Status == IoStatus.WouldBlock) continue;
            if (result.Status == IoStatus.Failed) error = new ConnectionResetException("The client's connection broke.");
            if (result.Status != IoStatus.Done) break;
            _input.Writer.Advance(result.Value);
            flushed = await _input.Writer.FlushAsync();
        }

        await _input.Writer.CompleteAsync(error);
        // What listens runs on the pool.
        _ = _closed.CancelAsync();
    }

    private async Task SendAsync()
    {
        while (true)
        {
            var result = await _output.Reader.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                if (await _io.WriteAsync(segment)) continue;
                await _output.Reader.CompleteAsync();
                return;
            }

            _output.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled) break;
        }

        await _io.ShutdownWriteAsync();
        await _output.Reader.CompleteAsync();
    }

    private sealed class Ends(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
