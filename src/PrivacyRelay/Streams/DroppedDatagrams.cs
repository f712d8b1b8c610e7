using System.Diagnostics.Metrics;

namespace PrivacyRelay.Streams;

/// <summary>Why the relay has lost a datagram.</summary>
internal enum DatagramDrop
{
    /// <summary>Larger than the path to the proxy takes.</summary>
    TooLarge,

    /// <summary>More than the path takes, or than wait for a tunnel to open or for the local program.</summary>
    QueueFull,

    /// <summary>Of a tunnel that has ended, or never was.</summary>
    UnknownStream,

    /// <summary>Its destination was refused.</summary>
    Refused,
}

/// <summary>Datagrams that were lost here, in all of the process: an instrument of .NET's, for who listens to the meter.</summary>
internal static class DroppedDatagrams
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "PrivacyRelay";

    /// <summary>The name of the instrument.</summary>
    public const string CounterName = "privacy_relay_datagrams_dropped_total";

    private static readonly Meter _meter = new(MeterName);
    private static readonly Counter<long> _counter = _meter.CreateCounter<long>(CounterName, unit: null, "UDP datagrams that the relay dropped.");
    private static readonly KeyValuePair<string, object?>[] _reasons = [.. new[] { "too_large", "queue_full", "unknown_stream", "refused" }.Select(static reason => new KeyValuePair<string, object?>("reason", reason))];

    public static void Add(DatagramDrop reason, long count = 1)
    {
        if (count > 0) _counter.Add(count, _reasons[(int)reason]);
    }
}
