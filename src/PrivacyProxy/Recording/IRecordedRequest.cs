using System.Net;
using Microsoft.Extensions.Primitives;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Recording;

/// <summary>What is recorded of a request as it came in.</summary>
internal interface IRecordedRequest
{
    /// <summary>When it had been read, from <see cref="TimeProvider.GetTimestamp"/>.</summary>
    long ReceivedAt { get; }

    TunnelProtocol Protocol { get; }

    /// <summary>Null for one that was malformed.</summary>
    TunnelRequest? Request { get; }

    /// <summary>Who sent it: looked at where a setting names peers, written down only for Debug:IncludeDestinations.</summary>
    IPAddress? Peer { get; }

    /// <summary>The field <c>traceparent</c> as received: taken from trusted peers only.</summary>
    StringValues TraceParent { get; }
}
