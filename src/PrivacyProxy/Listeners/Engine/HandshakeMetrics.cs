using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>TLS handshakes on loops, in the families in which Kestrel counts its own: who looks at them need not know what serves.</summary>
internal sealed class HandshakeMetrics
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";
    private const string ErrorLabel = "error.type";

    private readonly UpDownCounter<long> _active;
    private readonly Histogram<double> _duration;

    public HandshakeMetrics(IMeterFactory meters)
    {
        // Of one name, unit and description there is one instrument of a meter: these are Kestrel's, whoever asks first.
        var meter = meters.Create(Kestrel);
        _active = meter.CreateUpDownCounter<long>("kestrel.active_tls_handshakes", null, "Number of TLS handshakes that are currently in progress on the server.");
        _duration = meter.CreateHistogram("kestrel.tls_handshake.duration", "s", "The duration of TLS handshakes on the server.", tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        });
    }

    /// <summary>What Kestrel says of a connection that came to an address.</summary>
    public static TagList TagsOf(IPEndPoint local) => new()
    {
        { "server.address", local.Address.ToString() },
        { "server.port", local.Port },
        { "network.type", local.AddressFamily == AddressFamily.InterNetwork ? "ipv4" : "ipv6" },
        { "network.transport", "tcp" },
    };

    public static string VersionName(TlsVersion version) => version == TlsVersion.Tls13 ? "1.3" : "1.2";

    public void Begun(in TagList tags) => _active.Add(1, tags);

    /// <summary>The client spoke no TLS: there was no handshake.</summary>
    public void Abandoned(in TagList tags) => _active.Add(-1, tags);

    public void Done(in TagList tags, TimeSpan duration, TlsVersion version)
    {
        _active.Add(-1, tags);
        if (!_duration.Enabled) return;
        var told = tags;
        told.Add("tls.protocol.version", VersionName(version));
        _duration.Record(duration.TotalSeconds, told);
    }

    /// <param name="tags">Of the address.</param>
    /// <param name="duration">Since it began.</param>
    /// <param name="error">What Kestrel would have thrown.</param>
    public void Failed(in TagList tags, TimeSpan duration, Type error)
    {
        _active.Add(-1, tags);
        if (!_duration.Enabled) return;
        var told = tags;
        told.Add(ErrorLabel, error.FullName);
        _duration.Record(duration.TotalSeconds, told);
    }

    /// <summary>The exceptions by which failures are told apart there.</summary>
    public static class Errors
    {
        public static Type Timeout { get; } = typeof(OperationCanceledException);

        public static Type Broken { get; } = typeof(IOException);

        public static Type Refused { get; } = typeof(AuthenticationException);
    }
}
