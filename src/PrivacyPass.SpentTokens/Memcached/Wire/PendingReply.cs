namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>Someone who waits for a reply. Completed once, by whoever takes it out of the <see cref="CommandRing"/>.</summary>
internal abstract class PendingReply : IThreadPoolWorkItem
{
    /// <summary>Set before it is executed.</summary>
    public MemcachedReply Reply { get; set; }

    /// <summary>Whether what the caller does next is posted to its event loop: handing the reply over costs the reader next to nothing.</summary>
    public bool GoesOnElsewhere { get; set; }

    /// <summary>Hands the reply over; what the caller does next runs on this thread.</summary>
    public abstract void Execute();

    public void CompleteHere(MemcachedReply reply)
    {
        Reply = reply;
        Execute();
    }

    public void CompleteOnPool(MemcachedReply reply)
    {
        Reply = reply;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
