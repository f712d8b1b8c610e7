using System.Net;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Recording;

/// <summary>What the options say about traces, prepared once per change of them.</summary>
internal sealed class TracePolicy(RecordingOptions options)
{
    private readonly AddressPrefix[] _trusted = [.. options.Traces.TrustContextFrom.Select(AddressPrefix.Parse)];

    /// <summary>Whether anything wants to know what requests do.</summary>
    public bool Records => Keeps || TimesParts;

    public bool Keeps { get; } = options.Traces.Enabled;

    public double Ratio { get; } = options.Traces.Ratio;

    public bool KeepsErrors { get; } = options.Traces.KeepErrors;

    /// <summary>A check that takes longer is slow.</summary>
    public TimeSpan SlowCheck { get; } = options.Traces.SlowCheckThreshold > TimeSpan.Zero ? options.Traces.SlowCheckThreshold : TimeSpan.MaxValue;

    /// <summary>Whether Server-Timing tells the parts.</summary>
    public bool TimesParts { get; } = options.ServerTimingParts;

    public bool NamesDestinations { get; } = options.Debug.IncludeDestinations;

    /// <summary>Whether a peer's <c>traceparent</c> is taken.</summary>
    public bool Trusts(IPAddress? peer)
    {
        if (_trusted.Length == 0 || peer is null) return false;
        var address = AddressBits.From(peer);
        foreach (var prefix in _trusted)
            if (prefix.Contains(address)) return true;
        return false;
    }
}
