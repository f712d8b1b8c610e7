using System.Net;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>
/// Happy Eyeballs (RFC 8305, section 5): attempts start one after the other, each with a head start over the next;
/// the first to connect wins and the others are undone. For one dial, on one flow: no locks.
/// </summary>
internal sealed class ConnectionRace(IDialer dialer, TargetAddresses addresses, SourcePool pool, int port, TimeSpan headStart, CancellationTokenSource cancellation)
{
    private readonly List<Task<DialResult>> _attempts = new(1);
    private Task? _headStart; // of the last attempt; null when the next may start
    private ProxyStatusError _error;

    /// <summary>Ends when an attempt connects, all have failed, or <c>cancellation</c> is requested.</summary>
    public async ValueTask<EgressConnection> RunAsync()
    {
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                addresses.Collect();
                StartNext();
                if (_attempts.Count == 0 && !addresses.IsPending) return Failed();
                await WaitAsync();
                if (TakeFinished() is { } winner) return winner;
            }

            return _attempts.Count > 0 || _error != ProxyStatusError.None
                ? EgressConnection.Failed(DialErrors.MoreTelling(ProxyStatusError.ConnectionTimeout, _error))
                : EgressConnection.Failed(ProxyStatusError.DnsTimeout);
        }
        finally
        {
            if (_attempts.Count > 0 || addresses.IsPending || _headStart is not null) await StopOthersAsync();
        }
    }

    private void StartNext()
    {
        if (_headStart is { IsCompleted: true }) _headStart = null;
        if (_headStart is not null || !addresses.TryTake(out var address)) return;
        _attempts.Add(dialer.DialAsync(new IPEndPoint(address, port), pool.Pick(address.AddressFamily), cancellation.Token));
        if (addresses.HasNext || addresses.IsPending) _headStart = Task.Delay(headStart, cancellation.Token);
    }

    private async ValueTask WaitAsync()
    {
        if (_attempts.Count == 1 && _headStart is null && !addresses.IsPending)
        {
            await _attempts[0]; // the usual case: nothing to race against
            return;
        }

        var tasks = new List<Task>(_attempts);
        if (_headStart is not null) tasks.Add(_headStart);
        addresses.AddPending(tasks);
        await Task.WhenAny(tasks);
    }

    private EgressConnection? TakeFinished()
    {
        for (var i = _attempts.Count - 1; i >= 0; i--)
        {
            if (!_attempts[i].IsCompleted) continue;
            var result = _attempts[i].Result;
            _attempts.RemoveAt(i);
            if (result.IsConnected) return new EgressConnection(result.Socket, ProxyStatusError.None) { Channel = result.Channel };
            _error = DialErrors.MoreTelling(_error, result.Error);
            _headStart = null; // the next need not wait for one that has failed
        }

        return null;
    }

    private EgressConnection Failed()
    {
        if (_error != ProxyStatusError.None) return EgressConnection.Failed(_error);
        var (error, rcode) = addresses.Failure;
        return EgressConnection.Failed(error, rcode);
    }

    private async ValueTask StopOthersAsync()
    {
        await cancellation.CancelAsync();
        foreach (var attempt in _attempts) _ = UndoAsync(attempt);
    }

    // An attempt may connect in the very moment it is cancelled.
    private static async Task UndoAsync(Task<DialResult> attempt)
    {
        var result = await attempt;
        result.Socket?.Dispose();
        result.Channel?.Close();
    }
}
