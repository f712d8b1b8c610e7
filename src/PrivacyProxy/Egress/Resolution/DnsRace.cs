using System.Net;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>
/// One question to the name servers in turn. The next is asked at once when one fails, refuses or sends what is no answer, and after the
/// timeout when it is silent; those asked before are still listened to, since late is better than not at all.
/// </summary>
internal sealed class DnsRace(string name, DnsRecordType type, ResolverOptions options, SilentServers silent, TimeProvider time)
{
    private readonly List<DnsAttempt> _listening = new(1);
    private DnsResponse? _failure;

    /// <returns>The answer (addresses, an empty one or NXDOMAIN); else the last failure; null when no server sent anything.</returns>
    public async Task<DnsResponse?> RunAsync(IPEndPoint[] servers)
    {
        using var over = new CancellationTokenSource();
        try
        {
            var turns = Enumerable.Range(0, options.Attempts).SelectMany(_ => silent.Order(servers)).ToArray();
            foreach (var server in silent.TakeDue(servers)) _ = TryAgainAsync(server);
            for (var turn = 0; turn < turns.Length; turn++)
            {
                if (Query() is not { } query) return DnsResponse.Failed(DnsRcode.NameError);
                var attempt = new DnsAttempt(turns[turn], query, options.RandomizeCase, over.Token);
                _listening.Add(attempt);
                if (await WaitAsync(attempt, isLast: turn == turns.Length - 1, over.Token) is { } answer) return answer;
            }

            return _failure;
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    /// <summary>The answer of this or an earlier attempt; null when it is the next server's turn.</summary>
    private async ValueTask<DnsResponse?> WaitAsync(DnsAttempt current, bool isLast, CancellationToken over)
    {
        var silence = Task.Delay(options.Timeout, time, over);
        while (true)
        {
            if (TakeAnswer() is { } answer) return answer;
            if (!_listening.Contains(current)) return null;
            if (current.Oddity.IsCompleted) _failure ??= DnsResponse.Failed(DnsRcode.None);
            if (silence.IsCompleted || (current.Oddity.IsCompleted && !isLast))
            {
                if (!current.Oddity.IsCompleted) silent.NotAnswered(current.Server);
                current.IsLate = true;
                return null;
            }

            var tasks = new List<Task>(_listening.Select(static attempt => attempt.Response)) { silence };
            if (!current.Oddity.IsCompleted) tasks.Add(current.Oddity);
            await Task.WhenAny(tasks);
        }
    }

    private DnsResponse? TakeAnswer()
    {
        for (var i = _listening.Count - 1; i >= 0; i--)
        {
            var attempt = _listening[i];
            if (!attempt.Response.IsCompleted) continue;
            _listening.RemoveAt(i);
            if (!attempt.IsLate) silent.Answered(attempt.Server);
            switch (attempt.Response.GetAwaiter().GetResult())
            {
                case { Kind: DnsResponseKind.Answer, Rcode: DnsRcode.NoError or DnsRcode.NameError } answer:
                    return answer;
                case { Kind: DnsResponseKind.Answer } refused:
                    _failure = refused;
                    break;
                case null:
                    _failure ??= DnsResponse.Failed(DnsRcode.None);
                    break;
                default:
                    _failure = DnsResponse.Failed(DnsRcode.ServerFailure);
                    break;
            }
        }

        return null;
    }

    /// <summary>Asks the same of a server that was silent; nobody waits for it.</summary>
    private async Task TryAgainAsync(IPEndPoint server)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        try
        {
            if (Query() is { } query && await new DnsAttempt(server, query, options.RandomizeCase, timeout.Token).Response is not null) silent.Answered(server);
        }
        catch (Exception)
        {
            // Silent as before.
        }
    }

    /// <summary>With an id of its own, so that no answer counts for another query; null for a name that DNS cannot hold.</summary>
    private byte[]? Query()
    {
        var buffer = new byte[DnsQuery.MaxLength];
        return DnsQuery.TryWrite(name, type, options.RandomizeCase, buffer, out var length) ? buffer[..length] : null;
    }
}
