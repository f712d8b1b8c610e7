namespace PrivacyProxy.Testing.Listeners;

internal static class TestTimes
{
    /// <summary>Long enough for the slowest machine; reached only when a test fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits until something is so; fails when it is not within <see cref="Limit"/>.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var end = Environment.TickCount64 + Limit.TotalMilliseconds; !condition() && Environment.TickCount64 < end;) await Task.Delay(10);
        Assert.True(condition());
    }
}
