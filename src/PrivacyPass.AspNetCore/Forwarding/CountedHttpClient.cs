namespace PrivacyPass.AspNetCore.Forwarding;

/// <summary>An HTTP client that another may follow: once it is given up, and the last request by it has ended, it closes its connections.</summary>
internal sealed class CountedHttpClient(HttpClient http)
{
    // One more than there are requests, until it is given up.
    private int _uses = 1;

    public HttpClient Http => http;

    /// <summary>False when it is closed; else it stays open until <see cref="Release"/>.</summary>
    public bool TryUse()
    {
        for (var uses = Volatile.Read(ref _uses); uses > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses) return true;
            uses = seen;
        }

        return false;
    }

    /// <summary>Ends a use; or, by its owner, gives it up.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0) http.Dispose();
    }
}
