using System.Net;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>One connection attempt to one address.</summary>
internal interface IDialer
{
    /// <summary>Never throws: cancellation is a failure as any other, and leaves no socket behind.</summary>
    /// <param name="destination">An address that was checked.</param>
    /// <param name="source">The local address to dial from; null lets the system choose.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<DialResult> DialAsync(IPEndPoint destination, IPAddress? source, CancellationToken cancellationToken);
}
