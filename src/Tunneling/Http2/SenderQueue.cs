namespace Tunneling.Http2;

/// <summary>Streams that have something to send, in turn. The links are in the streams.</summary>
internal struct SenderQueue
{
    private Http2Stream? _first;
    private Http2Stream? _last;

    public readonly bool IsEmpty => _first is null;

    /// <summary>How many stand in it, those that have closed meanwhile too.</summary>
    public int Count { get; private set; }

    /// <summary>Puts a stream at the end, once.</summary>
    public void Add(Http2Stream stream)
    {
        if (stream.IsQueued) return;
        stream.IsQueued = true;
        stream.NextSender = null;
        if (_last is null) _first = stream;
        else _last.NextSender = stream;
        _last = stream;
        Count++;
    }

    /// <summary>Takes the first one; null when it is empty.</summary>
    public Http2Stream? Take()
    {
        if (_first is not { } stream) return null;
        _first = stream.NextSender;
        if (_first is null) _last = null;
        stream.NextSender = null;
        stream.IsQueued = false;
        Count--;
        return stream;
    }

    public void Clear()
    {
        while (Take() is not null)
        {
            // Each forgets its place.
        }
    }
}
