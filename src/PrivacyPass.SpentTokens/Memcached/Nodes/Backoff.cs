namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>The waits between attempts: doubling up to a longest one, spread so that proxies do not come all at once.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _doublings;

    /// <summary>Between half of the wait due and all of it.</summary>
    public TimeSpan Next()
    {
        var wait = first * Math.Pow(2, _doublings);
        if (wait < longest) _doublings++;
        else wait = longest;
        return wait * (0.5 + Random.Shared.NextDouble() / 2);
    }

    public void Reset() => _doublings = 0;
}
