using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>The place of a TCP connection whose bytes pass through a <see cref="WatchedTransport"/>.</summary>
internal abstract class WatchedPlace : AdmittedConnection
{
    /// <summary>It was shed, or is no stranger's any more; called on any thread.</summary>
    public Action? Changed { get; set; }
}
