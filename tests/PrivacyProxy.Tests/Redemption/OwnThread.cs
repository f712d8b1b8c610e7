using System.Runtime.CompilerServices;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>Awaited, it goes on on a new thread outside of the pool.</summary>
internal readonly struct OwnThread : ICriticalNotifyCompletion
{
    [ThreadStatic]
    private static bool t_isOwn;

    public static bool IsCurrent => t_isOwn;

    public bool IsCompleted => false;

    public OwnThread GetAwaiter() => this;

    public void GetResult() { }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => new Thread(() =>
    {
        t_isOwn = true;
        continuation();
    }) { IsBackground = true }.Start();
}
