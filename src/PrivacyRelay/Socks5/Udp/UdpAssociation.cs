using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace PrivacyRelay.Socks5.Udp;

/// <summary>UDP of one client (RFC 1928, section 7), each destination through a tunnel of its own. Lives as long as the client's TCP connection.</summary>
internal sealed partial class UdpAssociation(UdpLink link, UdpRelay relay) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<byte[], (UdpFlow Flow, Task Run)> _flows = new(new AddressComparer());
    private readonly ILogger _logger = relay.Logger;
    private bool _wasFull;
    private long _dropped;

    /// <summary>Where the client is to send.</summary>
    public IPEndPoint EndPoint => link.EndPoint;

    /// <summary>Carries datagrams until the TCP connection ends; then no tunnel is left.</summary>
    public async Task RunAsync(Stream control, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await Task.WhenAll(UntilEndAsync(ReceiveAsync(ending.Token), ending), UntilEndAsync(ReadToEndAsync(control, ending.Token), ending));
        }
        finally
        {
            Task[] running;
            lock (_lock) running = [.. _flows.Values.Select(static entry => entry.Run)];
            await Task.WhenAll(running);
            if (Interlocked.Read(ref _dropped) is var dropped and > 0) LogDropped(dropped);
        }
    }

    public void Dispose()
    {
        link.Dispose();
        relay.Release();
    }

    private static async Task UntilEndAsync(Task task, CancellationTokenSource ending)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The client is gone, its connection broken, or the relay stops.
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    /// <summary>The connection carries nothing any more: what comes is dropped, and its end is the association's.</summary>
    private static async Task ReadToEndAsync(Stream control, CancellationToken cancellationToken)
    {
        var scrap = new byte[256];
        while (await control.ReadAsync(scrap, cancellationToken) > 0)
        {
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var datagram = await link.ReceiveAsync(cancellationToken);
            FlowTo(datagram.Address.Span, cancellationToken)?.Send(datagram.Payload.Span);
        }
    }

    /// <summary>Null where nothing can be sent.</summary>
    private UdpFlow? FlowTo(ReadOnlySpan<byte> address, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_flows.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(address, out var entry)) return entry.Flow;
            if (_flows.Count >= relay.MaxDestinations)
            {
                if (!_wasFull) LogFull();
                _wasFull = true;
                return null;
            }

            if (Socks5Address.ReadDestination(address) is not { } destination) return null;
            var key = address.ToArray();
            var flow = new UdpFlow(key, destination, link, relay);
            _flows.Add(key, (flow, RunAsync(key, flow, cancellationToken)));
            return flow;
        }
    }

    private async Task RunAsync(byte[] key, UdpFlow flow, CancellationToken cancellationToken)
    {
        try
        {
            await flow.RunAsync(cancellationToken);
        }
        catch (Exception e)
        {
            LogUnexpected(e.GetType().Name);
        }
        finally
        {
            Interlocked.Add(ref _dropped, flow.Dropped);
            lock (_lock) _flows.Remove(key);
        }
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Debug, Message = "Datagrams to more destinations than PrivacyRelay:MaxUdpDestinations allows are dropped")]
    private partial void LogFull();

    [LoggerMessage(EventId = 3103, Level = LogLevel.Information, Message = "A UDP association has ended; {Count} of its datagrams were dropped here")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Error, Message = "A UDP tunnel ended with {Exception}")]
    private partial void LogUnexpected(string exception);
}
