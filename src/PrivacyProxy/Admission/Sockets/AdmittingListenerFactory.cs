using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>
/// Kestrel's sockets, accepted by us: Kestrel itself accepts until descriptors run out, and then tries again without a pause,
/// which ends the process within seconds.
/// </summary>
internal sealed class AdmittingListenerFactory(ConnectionRegistry registry, IOptions<SocketTransportOptions> options, IEnumerable<IMemoryPoolFactory<byte>> pools, ILoggerFactory loggers, TimeProvider time)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>Its sockets are Kestrel's, and so are the lines about them: its levels hold for them.</summary>
    private const string LogCategory = "Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets";

    // Kestrel's own is registered first, and that in effect last.
    private readonly MemoryPool<byte> _small = pools.First().Create();
    private readonly MemoryPool<byte> _large = pools.Last().Create();

    /// <summary>Exactly: an address of a type derived from it is another transport's.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint.GetType() == typeof(IPEndPoint);

    /// <exception cref="AddressInUseException">The address is taken.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(AdmittingListener.Bind((IPEndPoint)endpoint, registry, options.Value, (_small, _large), loggers.CreateLogger(LogCategory), time));
}
