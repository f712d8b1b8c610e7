using System.Net;
using System.Net.Sockets;
using Masque;
using Masque.Udp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Requests;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Tests.Egress;
using PrivacyProxy.Tests.Egress.Dialing;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Tests.Tunnels.Udp;

/// <summary>
/// Names with several addresses on loopback, of which some refuse (the kernel says so by ICMP) and some are silent. Answers are sent by
/// the test, so an address is silent as long as the test is.
/// </summary>
public abstract class UdpRaceTests : IAsyncDisposable
{
    private const string First = "127.0.0.2";
    private const string Second = "127.0.0.3";
    private readonly ServiceProvider _services = new ServiceCollection().AddOptions().BuildServiceProvider();
    private readonly ProxyMeter _meter = new();
    private readonly TunnelMetrics _metrics;
    private readonly TunnelRegistry _registry;
    private readonly PipeTunnelClient _client = new();
    private readonly Socket _anchor = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly int _port;
    private readonly UdpThread _thread;

    protected UdpRaceTests(UdpThread thread)
    {
        _thread = thread;
        _metrics = new TunnelMetrics(_meter);
        _registry = new TunnelRegistry(_services.GetRequiredService<IOptionsMonitor<TunnelOptions>>(), TimeProvider.System);
        // Keeps the number of a port for this test, at an address that is not used.
        _anchor.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        _port = ((IPEndPoint)_anchor.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        _anchor.Dispose();
        _registry.Dispose();
        _meter.Dispose();
        await _services.DisposeAsync();
        _thread.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("::1")]
    [InlineData(First)]
    public async Task The_next_address_gets_everything_when_the_first_refuses(string refusing)
    {
        using var server = Serve(Second);
        var running = await StartAsync(refusing, Second);

        for (byte i = 0; i < 5; i++) await SendAsync(i);
        for (byte i = 0; i < 5; i++) Assert.Equal(i, await server.ReceiveAsync());
        await server.AnswerAsync(42);
        Assert.Equal(42, await ReadAsync());
        for (byte i = 5; i < 9; i++) await SendAsync(i);
        for (byte i = 5; i < 9; i++) Assert.Equal(i, await server.ReceiveAsync());
        await FinishAsync(running);
    }

    [Fact]
    public async Task The_next_address_gets_everything_when_the_first_is_silent()
    {
        using var silent = Serve(First);
        using var server = Serve(Second);
        var running = await StartAsync(First, Second);

        for (byte i = 0; i < 5; i++) await SendAsync(i);
        for (byte i = 0; i < 5; i++) Assert.Equal(i, await silent.ReceiveAsync());
        for (byte i = 0; i < 5; i++) Assert.Equal(i, await server.ReceiveAsync());
        await server.AnswerAsync(42);
        Assert.Equal(42, await ReadAsync());
        await SendAsync(5);
        Assert.Equal(5, await server.ReceiveAsync());
        Assert.Equal(0, silent.Available);
        await FinishAsync(running);
    }

    [Fact]
    public async Task An_address_that_answers_late_is_taken_and_gets_what_the_next_was_sent_meanwhile()
    {
        using var slow = Serve(First);
        using var other = Serve(Second);
        var running = await StartAsync(First, Second);

        await SendAsync(0);
        Assert.Equal(0, await slow.ReceiveAsync());
        Assert.Equal(0, await other.ReceiveAsync());
        await SendAsync(1);
        await slow.AnswerAsync(42);
        Assert.Equal(42, await ReadAsync());
        await SendAsync(2);
        Assert.Equal(1, await slow.ReceiveAsync());
        Assert.Equal(2, await slow.ReceiveAsync());
        await FinishAsync(running);
    }

    [Fact]
    public async Task Where_nobody_ever_answers_the_preferred_address_gets_everything()
    {
        using var silent = Serve(First);
        using var other = Serve(Second);
        var running = await StartAsync(First, Second);

        await SendAsync(0);
        Assert.Equal(0, await silent.ReceiveAsync());
        Assert.Equal(0, await other.ReceiveAsync());
        for (byte i = 1; i < 4; i++)
        {
            await SendAsync(i);
            Assert.Equal(i, await silent.ReceiveAsync());
        }

        await FinishAsync(running);
    }

    [Fact]
    public async Task Where_all_refuse_a_later_datagram_finds_the_one_that_has_come_up()
    {
        var running = await StartAsync("::1", First, Second);
        for (byte i = 0; i < 5; i++) await SendAsync(i);
        using var server = Serve(Second);
        using var limit = new CancellationTokenSource(TestTimes.Limit);
        // As a client does that has had no answer; how soon the kernel tells of a refusal is its own affair.
        while (server.Available == 0)
        {
            await SendAsync(9);
            await Task.Delay(20, limit.Token);
        }

        await server.ReceiveAsync();
        await server.AnswerAsync(42);
        Assert.Equal(42, await ReadAsync());
        await FinishAsync(running);
    }

    [Fact]
    public async Task An_address_that_the_policy_refuses_is_never_tried()
    {
        using var server = Serve(Second);
        var running = await StartAsync(options => options.Deny = [First], "::1", First, Second);
        using var prohibited = Serve(First);

        await SendAsync(0);
        Assert.Equal(0, await server.ReceiveAsync());
        await server.AnswerAsync(42);
        Assert.Equal(42, await ReadAsync());
        Assert.Equal(0, prohibited.Available);
        await FinishAsync(running);
    }

    [Fact]
    public async Task A_client_that_leaves_before_any_answer_ends_the_tunnel_and_every_socket()
    {
        using var silent = Serve(First);
        var running = await StartAsync(First, Second);
        await SendAsync(0);
        Assert.Equal(0, await silent.ReceiveAsync());
        await FinishAsync(running);

        // Refused now: nobody is left at the other end.
        silent.Connect();
        using var limit = new CancellationTokenSource(TestTimes.Limit);
        while (await silent.TryAnswerAsync(1)) await Task.Delay(20, limit.Token);
    }

    private Server Serve(string address) => new(new IPEndPoint(IPAddress.Parse(address), _port));

    private Task<Task<TunnelEnding>> StartAsync(params string[] addresses) => StartAsync(_ => { }, addresses);

    private async Task<Task<TunnelEnding>> StartAsync(Action<EgressOptions> configure, params string[] addresses)
    {
        void Configure(EgressOptions options)
        {
            options.AllowPrivate = true;
            configure(options);
        }

        var resolver = new TestResolver()
            .Answer6([.. addresses.Where(address => address.Contains(':', StringComparison.Ordinal))])
            .Answer4([.. addresses.Where(address => !address.Contains(':', StringComparison.Ordinal))]);
        var egress = new UdpEgress(new TargetLookup(EgressSetup.Policy(Configure), resolver, EgressSetup.Pools(), EgressSetup.Options(Configure)), EgressSetup.Options(Configure));
        var connection = await egress.OpenAsync(new EgressRequest(new TunnelTarget("several.example", null, _port), null), CancellationToken.None);
        return _thread.Run(() => new UdpTunnel(_client, connection.Socket!, _registry, new TunnelTraffic(_metrics, TimeProvider.System, receivedAt: 0), connection.Next).RunAsync());
    }

    private async Task FinishAsync(Task<TunnelEnding> running)
    {
        await _client.Sender.CompleteAsync();
        Assert.Equal(TunnelEnding.Finished, await running.WaitAsync(TestTimes.Limit));
        Assert.Equal("completed", await _client.End.Task);
    }

    private async Task SendAsync(byte number)
    {
        var capsule = new byte[UdpDatagram.MaxHeaderLength + 1];
        var header = UdpDatagram.WriteHeader(capsule, 1);
        capsule[header] = number;
        await _client.Sender.WriteAsync(capsule.AsMemory(0, header + 1));
    }

    private async Task<byte> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TestTimes.Limit);
        var result = await _client.Receiver.ReadAtLeastAsync(4, limit.Token);
        var buffer = result.Buffer;
        var reader = new CapsuleReader();
        Assert.True(reader.TryReadHeader(ref buffer));
        Assert.True(reader.TryTakeWholeValue(ref buffer, out var datagram));
        var number = datagram.Slice(1).FirstSpan[0];
        _client.Receiver.AdvanceTo(buffer.Start);
        return number;
    }

    /// <summary>Numbers come in and go out as datagrams of one byte.</summary>
    private sealed class Server : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private EndPoint _client = new IPEndPoint(IPAddress.Any, 0);

        public Server(IPEndPoint address) => _socket.Bind(address);

        public int Available => _socket.Available;

        public async Task<int> ReceiveAsync()
        {
            var buffer = new byte[16];
            using var limit = new CancellationTokenSource(TestTimes.Limit);
            var received = await _socket.ReceiveFromAsync(buffer, _client, limit.Token);
            _client = received.RemoteEndPoint;
            return buffer[0];
        }

        public async Task AnswerAsync(byte number) => await _socket.SendToAsync(new[] { number }, _client);

        public void Connect() => _socket.Connect(_client);

        public async Task<bool> TryAnswerAsync(byte number)
        {
            try
            {
                await _socket.SendAsync(new[] { number });
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}

public sealed class UdpRaceOnThePoolTests() : UdpRaceTests(UdpThread.Pool());

public sealed class UdpRaceOnALoopTests() : UdpRaceTests(UdpThread.Loop());
