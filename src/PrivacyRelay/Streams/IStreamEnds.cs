namespace PrivacyRelay.Streams;

/// <summary>How a stream both ways ends.</summary>
internal interface IStreamEnds
{
    /// <summary>Ends the direction from us, as FIN does; the other one stays open.</summary>
    ValueTask CompleteWritesAsync(CancellationToken cancellationToken);

    /// <summary>Ends both directions at once, so that the peer does not take the cut for a regular end.</summary>
    void Abort();
}
