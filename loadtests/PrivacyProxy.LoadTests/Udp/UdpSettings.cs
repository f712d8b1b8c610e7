using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>What the scenario does.</summary>
internal sealed record UdpSettings : IValidatableObject
{
    [Flag("The version of HTTP: 2 or 3, which needs libmsquic."), Range(2, 3)]
    public int Http { get; init; } = 2;

    [Flag("TLS to the proxy over HTTP/2, instead of cleartext. HTTP/3 always has it.")]
    public bool Tls { get; init; }

    [Flag("What the datagrams travel in: capsules, datagrams (with --http 3), or bare (straight to the echo, over the same path).")]
    public UdpCarrier Carrier { get; init; } = UdpCarrier.Capsules;

    [Flag("Tunnels at once, on one connection."), Range(1, 1_000)]
    public int Tunnels { get; init; } = 4;

    [Flag("Datagrams of each tunnel on their way at once, without --rate."), Range(1, 1_000)]
    public int Window { get; init; } = 32;

    [Flag("Bytes of a datagram."), Range(EchoTunnel.StampLength, 9_000)]
    public int Size { get; init; } = 1_200;

    [Flag("Send so many datagrams a second over all tunnels, evenly, however long each takes."), Range(1, 1_000_000)]
    public double? Rate { get; init; }

    [Flag("Percent of the packets between client and proxy that are lost each way, over HTTP/3."), Range(0, 50)]
    public double Loss { get; init; }

    [Flag("What a packet takes between client and proxy each way, over HTTP/3, in milliseconds."), Range(0, 1_000)]
    public double Delay { get; init; }

    [Flag("How long it measures."), Range(0.1, 600)]
    public double Seconds { get; init; } = 10;

    /// <summary>Whether there is more than loopback between client and proxy.</summary>
    [JsonIgnore]
    public bool HasPath => Loss > 0 || Delay > 0;

    /// <summary>For titles.</summary>
    [JsonIgnore]
    public string Way => Carrier switch
    {
        UdpCarrier.Bare => "straight to the echo",
        UdpCarrier.Datagrams => "QUIC datagrams of HTTP/3",
        _ => $"capsules over HTTP/{Http}{(Http == 3 || Tls ? " with TLS" : "")}",
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Carrier == UdpCarrier.Datagrams && Http != 3) yield return new("capsules, without --http 3", [nameof(Carrier)]);
        if (HasPath && Http != 3 && Carrier != UdpCarrier.Bare) yield return new("nothing, without --http 3", [Loss > 0 ? nameof(Loss) : nameof(Delay)]);
    }
}
