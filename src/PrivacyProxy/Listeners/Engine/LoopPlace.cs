using PrivacyProxy.Admission.Sockets;
using PrivacyProxy.Requests;
using Tunneling.Admission;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>The place of a connection on a loop in the registry, from the accepting until <see cref="Leave"/>.</summary>
internal sealed class LoopPlace(ConnectionChannel channel, ConnectionRegistry registry) : WatchedPlace
{
    private bool _isLimited;
    private ShedReason _reason;

    /// <summary>Where it has its place.</summary>
    public ConnectionRegistry Owner => registry;

    /// <summary>What the client showed in its handshake.</summary>
    public PeerCertificate? Certificate { get; set; }

    /// <summary>Before many answers may be given on it; on the loop.</summary>
    public void LimitUnsent()
    {
        _isLimited = IsStranger;
        if (_isLimited) channel.LimitUnsent(UnsentLimit.StrangerBytes);
    }

    /// <summary>The connection is closed: its place is another's, as soon as its descriptor is. Once, by whoever owns the connection then.</summary>
    /// <param name="reason">Why it was closed, if for what it did.</param>
    public void Leave(ShedReason reason = ShedReason.None)
    {
        _reason = reason;
        if (channel.IsReleased) Vacate();
        else channel.WhenReleased(Vacate);
    }

    protected internal override void Shed(ShedReason reason)
    {
        if (channel.Loop.IsCurrent) Break();
        else channel.Loop.Post(static place => ((LoopPlace)place!).Break(), this);
    }

    protected internal override void Trusted()
    {
        if (_isLimited) channel.Loop.Post(static place => ((LoopPlace)place!).Lift(), this);
        Changed?.Invoke();
    }

    private void Vacate()
    {
        if (_reason == ShedReason.None) registry.Leave(this);
        else registry.Leave(this, _reason);
        channel.Loop.CountConnection(-1);
    }

    private void Break()
    {
        // Whoever owns it is told by the channel, and cleans up.
        channel.Break();
        Changed?.Invoke();
    }

    private void Lift() => channel.LimitUnsent(0);
}
