using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Egress.Resolution;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>
/// The addresses of a target as they become known, each checked against the policy on its way in,
/// handed out with the families in turn, IPv6 first (RFC 8305, section 4).
/// </summary>
internal sealed class TargetAddresses(EgressPolicy policy, SourcePool pool, AllowedAddresses allowed = default)
{
    // More addresses than this help nobody and would let a name server make us dial all day.
    private const int MaxPerFamily = 8;

    private readonly Queue<IPAddress> _addresses6 = new();
    private readonly Queue<IPAddress> _addresses4 = new();
    private Task<AddressAnswer>? _lookup6;
    private Task<AddressAnswer>? _lookup4;
    private bool _lastWas6;
    private bool _isProhibited;
    private bool _isDenied;
    private bool _isUnroutable;
    private AddressAnswer? _failure;

    /// <summary>Whether a lookup is still under way.</summary>
    public bool IsPending => _lookup6 is not null || _lookup4 is not null;

    public bool HasNext => _addresses6.Count > 0 || _addresses4.Count > 0;

    /// <summary>Why there was no address at all.</summary>
    public (ProxyStatusError Error, string? Rcode) Failure =>
        _isProhibited ? (ProxyStatusError.DestinationIpProhibited, null)
        : _isDenied ? (ProxyStatusError.HttpRequestDenied, null)
        : _isUnroutable ? (ProxyStatusError.DestinationIpUnroutable, null)
        : _failure is { } failure ? (failure.Error, failure.Rcode)
        : (ProxyStatusError.DnsError, AddressAnswer.Empty.Rcode);

    /// <summary>Takes an address: a literal, or one a lookup found.</summary>
    public void Add(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4(); // an IPv6 socket would not reach it
        if (!allowed.Contains(address)) _isDenied = true;
        else if (!policy.Permits(address)) _isProhibited = true;
        else if (!pool.Serves(address.AddressFamily)) _isUnroutable = true;
        else if (Of(address.AddressFamily) is { Count: < MaxPerFamily } addresses) addresses.Enqueue(address);
    }

    /// <summary>Looks both families up and returns when there is something to dial: IPv4 alone waits <paramref name="resolutionDelay"/> for IPv6.</summary>
    public async ValueTask ResolveAsync(IResolver resolver, string name, TimeSpan resolutionDelay, CancellationToken cancellationToken)
    {
        _lookup6 = resolver.ResolveAsync(name, AddressFamily.InterNetworkV6, cancellationToken).AsTask();
        _lookup4 = resolver.ResolveAsync(name, AddressFamily.InterNetwork, cancellationToken).AsTask();
        Collect();
        while (!HasNext && IsPending) await WaitAsync(cancellationToken);
        if (_lookup6 is not Task late) return;
        await late.WaitAsync(resolutionDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Collect();
    }

    /// <summary>Takes in what finished lookups brought.</summary>
    public void Collect()
    {
        Collect(ref _lookup6);
        Collect(ref _lookup4);
    }

    /// <summary>Adds the lookups under way to what a race waits for.</summary>
    public void AddPending(List<Task> tasks)
    {
        if (_lookup6 is not null) tasks.Add(_lookup6);
        if (_lookup4 is not null) tasks.Add(_lookup4);
    }

    public bool TryTake([NotNullWhen(true)] out IPAddress? address)
    {
        var take6 = _addresses6.Count > 0 && (!_lastWas6 || _addresses4.Count == 0);
        if (!(take6 ? _addresses6 : _addresses4).TryDequeue(out address)) return false;
        _lastWas6 = take6;
        return true;
    }

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await ((_lookup6, _lookup4) switch
        {
            ({ } one, { } other) => Task.WhenAny(one, other),
            var (one, other) => (Task)(one ?? other)!,
        }).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        Collect();
    }

    private void Collect(ref Task<AddressAnswer>? lookup)
    {
        if (lookup is not { IsCompleted: true } finished) return;
        lookup = null;
        if (finished.IsCompletedSuccessfully) Take(finished.Result);
    }

    private void Take(AddressAnswer answer)
    {
        foreach (var address in answer.Addresses) Add(address);

        // A timeout says less than an answer, whichever family it was for.
        if (answer.Error != ProxyStatusError.None && _failure is not { Error: ProxyStatusError.DnsError }) _failure = answer;
    }

    private Queue<IPAddress> Of(AddressFamily family) => family == AddressFamily.InterNetwork ? _addresses4 : _addresses6;
}
