using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>How connections are served: section <c>PrivacyProxy:Listeners</c>. Read at start.</summary>
internal sealed class ListenerOptions
{
    /// <summary>What serves tunnels: <c>Native</c> has event loops of its own for HTTP/2 and for tunnels of HTTP/1.1, on Linux (over TLS with OpenSSL 3), and leaves the rest to <c>Kestrel</c>.</summary>
    [EnumDataType(typeof(ListenerEngine), ErrorMessage = "Kestrel or Native")]
    public ListenerEngine Engine { get; set; } = ListenerEngine.Native;

    /// <summary>Event loops of the native engine, each a thread; 0 for one per processor.</summary>
    [Range(0, 256)]
    public int Loops { get; set; }
}
