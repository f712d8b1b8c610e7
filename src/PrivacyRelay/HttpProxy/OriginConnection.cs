using PrivacyRelay.Streams;

namespace PrivacyRelay.HttpProxy;

/// <summary>A tunnel to an origin that takes one request after another. What the origin says next is always waited for, so that one that leaves is noticed.</summary>
internal sealed class OriginConnection : IAsyncDisposable
{
    /// <summary>Of an answer's head; as much as browsers take.</summary>
    private const int MaxHead = 256 * 1024;

    private Task<byte?> _next;

    public OriginConnection(DuplexStream stream, string authority)
    {
        Stream = stream;
        Authority = authority;
        _next = ListenAsync();
    }

    public DuplexStream Stream { get; }

    /// <summary>Where it leads.</summary>
    public string Authority { get; }

    /// <summary>Whether it has answered a request before: then it may end at any moment, for a reason that is not this request.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Completes when the origin says something or leaves; between two requests either means that it takes no other.</summary>
    public Task Spoke => _next;

    /// <summary>The next head of an answer; null when the origin left before its first byte.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="InvalidDataException">The head is cut short, or too long.</exception>
    public async ValueTask<byte[]?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        if (await _next.WaitAsync(cancellationToken) is null) return null;
        return await Stream.ReadHeadAsync(MaxHead, cancellationToken, isAnswer: true) ?? throw new InvalidDataException("The origin's answer ends within its head.");
    }

    /// <summary>Makes it ready for another request, after an answer was read to its end; false when the origin has said more than that.</summary>
    public bool TryReuse()
    {
        if (Stream.HasReadAhead) return false;
        IsUsed = true;
        Listen();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Stream.Abort();
        await Stream.DisposeAsync();
    }

    /// <summary>Waits for what comes after a head that is no last one.</summary>
    public void Listen() => _next = ListenAsync();

    private Task<byte?> ListenAsync()
    {
        var next = Stream.PeekAsync(CancellationToken.None).AsTask();
        // Nobody may be there to see it fail.
        _ = next.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return next;
    }
}
