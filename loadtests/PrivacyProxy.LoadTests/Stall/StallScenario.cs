using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.LoadTests.Stall;

/// <summary>Holds the replies of a memcached back, as the kernel does to a server that writes them in pieces, until it is told to heal or its time is over.</summary>
/// <param name="upstream">A memcached that runs; null starts one.</param>
/// <param name="port">Where to listen, 0 for any.</param>
/// <param name="delay">What each reply waits while stalling.</param>
/// <param name="beginsHealthy">Whether replies are passed on at once until <c>stall</c> is said.</param>
internal sealed class StallScenario(MemcachedEndpoint? upstream, int port, TimeSpan delay, bool beginsHealthy)
{
    public async Task RunAsync(TextReader commands, TextWriter output, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var memcached = upstream is null ? await MemcachedProcess.StartAsync("-M", "-m", "64") : null;
        var server = upstream is null ? memcached!.EndPoint : (await upstream.ResolveAsync(cancellationToken))[0];
        await using var store = ThrottledSocket.Start(server, port);
        store.ReplyDelay = beginsHealthy ? TimeSpan.Zero : delay;
        await output.WriteLineAsync($"ready {store.Address}");
        await output.FlushAsync(CancellationToken.None);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(duration);
        try
        {
            await ObeyAsync(store, commands, output, end.Token);
            // Nobody is there to say more: it stays as it is until its time is over.
            await Task.Delay(Timeout.InfiniteTimeSpan, end.Token);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C, SIGTERM, or the time is over: the ends it is meant to have.
        }
    }

    private async Task ObeyAsync(ThrottledSocket store, TextReader commands, TextWriter output, CancellationToken end)
    {
        // A read of a terminal cannot be cancelled: it is left behind, on a thread that the process does not wait for.
        while (await Task.Run(commands.ReadLine, CancellationToken.None).WaitAsync(end) is { } line)
        {
            if (Delay(line.Trim()) is { } wanted) store.ReplyDelay = wanted;
            var answer = Delay(line.Trim()) switch
            {
                null => "say 'stall' or 'heal'",
                { Ticks: 0 } => "healthy",
                { TotalMilliseconds: var late } => $"stalling: each reply {late} ms late",
            };
            await output.WriteLineAsync(answer);
            await output.FlushAsync(CancellationToken.None);
        }
    }

    private TimeSpan? Delay(string command) => command switch
    {
        "stall" => delay,
        "heal" => TimeSpan.Zero,
        _ => null,
    };
}
