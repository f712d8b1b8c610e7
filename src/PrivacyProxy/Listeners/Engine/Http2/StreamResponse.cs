using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Tunneling.Http2.Serving;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>The answer of the application on a stream: its head once something is flushed or it is complete, then a pipe that the loop empties.</summary>
internal sealed class StreamResponse(Http2StreamChannel channel, AsyncChannel io, TimeProvider time, bool isHead)
    : PipeWriter, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpResponseTrailersFeature, IInterimAnswers
{
    private const int MaxUnsent = 64 * 1024;
    private const int LeastRoom = 4096;

    // The loop's end needs no scheduler: its waits go on by way of its context.
    private static readonly PipeOptions _options = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.ThreadPool, pauseWriterThreshold: MaxUnsent, resumeWriterThreshold: MaxUnsent / 2);

    private readonly Pipe _body = new(_options);
    private readonly Stack<(Func<object, Task> Callback, object State)> _onStarting = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _onCompleted = new();
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _thrownAway;
    private long _written;
    private bool _isComplete;
    private volatile bool _isGivenUp;

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public bool HasStarted { get; private set; }

    public Stream Body { get => field ??= AsStream(leaveOpen: true); set; }

    public Stream Stream => Body;

    public PipeWriter Writer => this;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _body.Writer.UnflushedBytes;

    /// <summary>Completes once all of it was given to the connection, or nobody wants it any more.</summary>
    public Task Sent => _sent.Task;

    /// <summary>What is written after an answer without a body.</summary>
    private bool ThrowsAway => HasStarted && !HasBody;

    private bool HasBody => !isHead && StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified);

    public void OnStarting(Func<object, Task> callback, object state) => _onStarting.Push((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _onCompleted.Push((callback, state));

    public void DisableBuffering()
    {
        // Everything goes out once it is flushed.
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken = default) => StartAsync(endsStream: !HasBody);

    /// <summary>It waits for nothing: they are few, and no DATA.</summary>
    public ValueTask SendAsync(int status, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        channel.Loop.Post(
            _ =>
            {
                if (!channel.IsBroken) channel.Respond(status, [.. fields], endsStream: false);
            },
            null);
        return ValueTask.CompletedTask;
    }

    /// <summary>Nothing more will be written.</summary>
    public async Task CompleteAsync()
    {
        if (_isComplete) return;
        if (!HasStarted && _written == 0 && HasBody) Headers.ContentLength ??= 0;
        await StartAsync(endsStream: !HasBody || (_written == 0 && Trailers.Count == 0));
        _isComplete = true;
        if (HasBody && Headers.ContentLength is { } length && length != _written)
            throw new InvalidOperationException($"Content-Length is {length.ToString(CultureInfo.InvariantCulture)}, and {_written.ToString(CultureInfo.InvariantCulture)} bytes were written.");
        await _body.Writer.CompleteAsync();
    }

    /// <summary>Answers with a status instead of what there is; nothing of that was sent.</summary>
    public async Task FailAsync(int status)
    {
        _onStarting.Clear();
        Headers.Clear();
        Trailers.Clear();
        (StatusCode, Headers.ContentLength) = (status, 0);
        await StartAsync(endsStream: true);
        _isComplete = true;
    }

    /// <summary>Nobody reads it any more.</summary>
    public void GiveUp()
    {
        _isGivenUp = true;
        _body.Writer.Complete();
        _sent.TrySetResult();
    }

    /// <summary>Everything is over.</summary>
    public async Task CompletedAsync(Action<Exception> failed)
    {
        if (ThrowsAway)
        {
            // Written before it began.
            await _body.Writer.CompleteAsync();
            await _body.Reader.CompleteAsync();
        }

        while (_onCompleted.TryPop(out var each))
        {
            try
            {
                await each.Callback(each.State);
            }
            catch (Exception e)
            {
                failed(e);
            }
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (!ThrowsAway) return _body.Writer.GetMemory(sizeHint);
        if (_thrownAway is null || _thrownAway.Length < sizeHint) _thrownAway = new byte[Math.Max(sizeHint, LeastRoom)];
        return _thrownAway;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (!ThrowsAway) _body.Writer.Advance(bytes);
        _written += bytes;
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken);
        return ThrowsAway ? new FlushResult(isCanceled: false, isCompleted: false) : await _body.Writer.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => _body.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The answer ends when the application returns.
    }

    private async Task StartAsync(bool endsStream)
    {
        if (HasStarted) return;
        while (_onStarting.TryPop(out var each)) await each.Callback(each.State);
        HasStarted = true;
        if (Headers.Date.Count == 0) Headers.Date = time.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        var fields = Fields(Headers);
        var (status, ends) = (StatusCode, endsStream);
        channel.Loop.Post(_ => Send(status, fields, ends), null);
    }

    private static KeyValuePair<string, string>[] Fields(IHeaderDictionary headers)
    {
        var fields = new List<KeyValuePair<string, string>>(headers.Count);
        foreach (var (name, values) in headers)
            foreach (var value in values) fields.Add(new(name, value ?? ""));
        return [.. fields];
    }

    private void Send(int status, KeyValuePair<string, string>[] fields, bool endsStream)
    {
        if (!channel.IsBroken) channel.Respond(status, fields, endsStream);
        if (endsStream) _sent.TrySetResult();
        else _ = SendBodyAsync();
    }

    /// <summary>On the loop.</summary>
    private async Task SendBodyAsync()
    {
        var isWanted = true;
        while (isWanted)
        {
            var result = await _body.Reader.ReadAsync();
            foreach (var segment in result.Buffer)
                if (isWanted) isWanted = await io.WriteAsync(segment);
            _body.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }

        // Its end would say that the answer is whole.
        isWanted &= !_isGivenUp;
        if (isWanted && Trailers.Count > 0) channel.ShutdownWrite(Fields(Trailers));
        else if (isWanted) await io.ShutdownWriteAsync();
        await _body.Reader.CompleteAsync();
        _sent.TrySetResult();
    }
}
