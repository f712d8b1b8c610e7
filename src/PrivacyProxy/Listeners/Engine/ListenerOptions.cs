using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>How connections are served: section <c>PrivacyProxy:Listeners</c>. Read at start.</summary>
internal sealed class ListenerOptions : IValidatableObject
{
    /// <summary>What serves tunnels: <c>Native</c> has event loops of its own for HTTP/2 and for tunnels of HTTP/1.1, on Linux (over TLS with OpenSSL 3), and leaves the rest to <c>Kestrel</c>.</summary>
    [EnumDataType(typeof(ListenerEngine), ErrorMessage = "Kestrel or Native")]
    public ListenerEngine Engine { get; set; } = ListenerEngine.Native;

    /// <summary>Event loops of the native engine, each a thread; 0 for one per processor.</summary>
    [Range(0, 256)]
    public int Loops { get; set; }

    /// <summary>
    /// Load balancers in front, as addresses or CIDR prefixes: each TCP connection begins with a PROXY header (version 1 or 2), before TLS, which
    /// says for whom it is; connections of anybody else are closed. Default: none, and no header.
    /// </summary>
    public IList<string> Balancers { get; set; } = [];

    /// <summary>QUIC below HTTP/3.</summary>
    public QuicOptions Quic { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < Balancers.Count; i++)
            if (!AddressPrefix.TryParse(Balancers[i], out _)) yield return new ValidationResult("an address, or a CIDR prefix such as 10.0.0.0/8", [$"{nameof(Balancers)}:{i}"]);
    }
}
