namespace PrivacyPass.SpentTokens.Memory;

/// <summary>How many more tokens may be remembered.</summary>
internal sealed class SpentTokenBudget(long capacity)
{
    private long _left = capacity;

    public long Left => Volatile.Read(ref _left);

    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _left) >= 0) return true;
        Interlocked.Increment(ref _left);
        return false;
    }

    public void Return(long count) => Interlocked.Add(ref _left, count);
}
