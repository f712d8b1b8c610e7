using System.Globalization;
using System.Net;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>A real memcached behind a relay, either of which can be broken and mended.</summary>
internal sealed class FaultyNode : IAsyncDisposable
{
    private readonly MemcachedProcess _memcached;
    private readonly TimeSpan _deadline;
    private TamperingServer? _tampering;
    private BlackHole? _blackHole;
    private NodeFault? _fault;
    private int _fillers;

    private FaultyNode(MemcachedProcess memcached, TimeSpan deadline)
    {
        (_memcached, _deadline) = (memcached, deadline);
        Relay = ThrottledSocket.Start(memcached.EndPoint);
    }

    /// <summary>What the client under test connects to.</summary>
    public string Address => Relay.Address;

    public ThrottledSocket Relay { get; }

    /// <summary>The least that memcached starts with: some 17,000 tokens.</summary>
    public const int LeastMegabytes = 2;

    /// <summary>Starts one that refuses instead of evicting.</summary>
    public static async Task<FaultyNode> StartAsync(TimeSpan deadline, int megabytes) =>
        new(await MemcachedProcess.StartAsync("-m", megabytes.ToString(CultureInfo.InvariantCulture), "-M", "-t", "1"), deadline);

    /// <summary>The memcached itself, past the relay.</summary>
    public EndPoint EndPoint => _memcached.EndPoint;

    /// <summary>Checks answered wrongly by what stands in its place.</summary>
    public int Lies => _tampering?.Lies ?? 0;

    public bool Holds(SpentToken token)
    {
        using var client = NodeClient.Connect(_memcached.EndPoint);
        return client.Holds(token);
    }

    public async Task BreakAsync(NodeFault fault)
    {
        _fault = fault;
        switch (fault)
        {
            case NodeFault.Killed: await _memcached.KillAsync(); break;
            case NodeFault.Stopped:
                _memcached.Stop();
                await FaultWorld.UntilAsync("every thread is stopped", () => Task.FromResult(IsStopped(_memcached.ProcessId)));
                break;
            case NodeFault.RestartedEmpty: await _memcached.RestartEmptyAsync(); break;
            case NodeFault.OutOfMemory: Fill(); break;
            case NodeFault.SlowInTime: Relay.ReplyDelay = _deadline / 20; break;
            case NodeFault.TooSlow: Relay.ReplyDelay = _deadline * 3; break;
            case NodeFault.RepliesCutAndClosed: await TamperAsync(Tampering.HalfReplyThenClose); break;
            case NodeFault.RepliesCutAndSilent: await TamperAsync(Tampering.HalfReplyThenSilence); break;
            case NodeFault.Garbage: await TamperAsync(Tampering.Garbage); break;
            case NodeFault.Error: await TamperAsync(Tampering.Error); break;
            case NodeFault.ServerError: await TamperAsync(Tampering.ServerError); break;
            case NodeFault.SilentPeer: await TamperAsync(Tampering.Silence); break;
            case NodeFault.ConnectionRefused: await UnplugAsync(); break;
            case NodeFault.Blackhole:
                await UnplugAsync();
                _blackHole = new BlackHole(Relay.EndPoint);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(fault), fault, "Unknown fault.");
        }
    }

    public async Task MendAsync()
    {
        switch (_fault)
        {
            case NodeFault.Killed: await _memcached.RestartEmptyAsync(); break;
            case NodeFault.Stopped: _memcached.Continue(); break;
            case NodeFault.OutOfMemory: Empty(); break;
            default: break;
        }

        Relay.ReplyDelay = TimeSpan.Zero;
        if (_tampering is not null) await _tampering.DisposeAsync();
        _blackHole?.Dispose();
        (_fault, _tampering, _blackHole) = (null, null, null);
        Relay.Accept();
    }

    public async ValueTask DisposeAsync()
    {
        if (_tampering is not null) await _tampering.DisposeAsync();
        _blackHole?.Dispose();
        await Relay.DisposeAsync();
        await _memcached.DisposeAsync();
    }

    private async Task TamperAsync(Tampering tampering)
    {
        await UnplugAsync();
        _tampering = new TamperingServer(Relay.EndPoint, _memcached.EndPoint, tampering);
    }

    private async Task UnplugAsync()
    {
        await Relay.RefuseAsync();
        Relay.ResetConnections();
    }

    /// <summary>kill(2) returns before the last thread has noticed.</summary>
    private static bool IsStopped(int processId) =>
        Directory.GetDirectories($"/proc/{processId}/task").All(thread => File.ReadAllText(thread + "/stat").Split(") ")[^1].StartsWith('T'));

    private void Fill()
    {
        using var client = NodeClient.Connect(_memcached.EndPoint);
        _fillers = client.Fill();
    }

    private void Empty()
    {
        using var client = NodeClient.Connect(_memcached.EndPoint);
        client.Remove(_fillers);
    }
}
