using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PrivacyRelay.Configuration;
using PrivacyRelay.Listener;
using PrivacyRelay.Sessions;
using PrivacyRelay.Socks5.Udp;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>A relay's local side with real sockets; its UDP tunnels lead to the test, and its time is the test's.</summary>
internal sealed class UdpTestRelay : IAsyncDisposable
{
    private readonly LocalListener _listener;
    private readonly LoggerFactory _loggers = new();

    private UdpTestRelay(RelayOptions options)
    {
        _loggers.AddProvider(Log);
        var udp = new UdpRelay(options, Dialer, Time, _loggers.CreateLogger<UdpRelay>());
        _listener = new LocalListener(options, new LocalSession(options, new NoTcp(), Time, new LocalUsers([])), udp, TimeProvider.System, NullLogger.Instance);
    }

    public FakeDatagramDialer Dialer { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public CapturedLog Log { get; } = new();

    public IPEndPoint EndPoint => _listener.EndPoint;

    public static UdpTestRelay Start(IPAddress? address = null, int maxAssociations = 4, int maxDestinations = 4) => new(new RelayOptions
    {
        Listen = new IPEndPoint(address ?? IPAddress.Loopback, 0).ToString(),
        MaxUdpAssociations = maxAssociations,
        MaxUdpDestinations = maxDestinations,
    });

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _loggers.Dispose();
    }

    private sealed class NoTcp : ITunnelDialer
    {
        public ValueTask<DuplexStream> OpenAsync(Destination destination, CancellationToken cancellationToken) =>
            throw new TunnelException(TunnelError.Denied, "UDP alone is tested.");
    }
}
