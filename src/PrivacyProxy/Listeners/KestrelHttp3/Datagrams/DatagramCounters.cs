using PrivacyProxy.Recording;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

/// <summary>Why an HTTP Datagram was lost here.</summary>
internal enum DatagramDrop
{
    /// <summary>Larger than the path to the client takes.</summary>
    TooLarge,

    /// <summary>More than the path takes, or than wait for their request to be read.</summary>
    QueueFull,

    /// <summary>Of a stream that has ended, or never came.</summary>
    UnknownStream,
}

/// <summary>HTTP Datagrams that were dropped, over all connections.</summary>
internal sealed class DatagramCounters
{
    private static readonly string[] _reasons = ["too_large", "queue_full", "unknown_stream"];

    private readonly Tally _dropped = Tally.Of("reason", _reasons.Select(static reason => (object)reason));

    public DatagramCounters(ProxyMeter meter) =>
        meter.ObservedCounter("privacy_proxy_http_datagrams_dropped_total", null, "HTTP Datagrams of HTTP/3 that were dropped.", _dropped.Read, "reason");

    /// <summary>All of them.</summary>
    public long Dropped => _dropped.Sum;

    public void Drop(DatagramDrop reason) => _dropped.Increment((int)reason);
}
