using Microsoft.Extensions.Time.Testing;

namespace PrivacyProxy.Tests.Egress;

/// <summary>A clock that moves when told; timers stay real, so that timeouts of sockets still end.</summary>
internal sealed class ManualTime : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, dueTime, period);
}
