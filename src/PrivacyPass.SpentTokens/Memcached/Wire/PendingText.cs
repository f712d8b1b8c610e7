namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>The waiter of a rare command.</summary>
internal sealed class PendingText : PendingReply
{
    private readonly TaskCompletionSource<MemcachedReply> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<MemcachedReply> Done => _done.Task;

    /// <summary>The whole reply; null when there was none.</summary>
    public string? Text { get; set; }

    public override void Execute() => _done.SetResult(Reply);
}
