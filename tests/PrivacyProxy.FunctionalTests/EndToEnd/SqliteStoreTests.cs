using System.Net;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Spent tokens outlive the process, however it ends.</summary>
[Collection(NeighborsCollection.Name)]
public sealed class SqliteStoreTests(ProductFixture product) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<ProxyProcess> StartAsync() => product.StartTwinAsync(
        KeyValuePair.Create("PrivacyProxy__SpentTokens__Store", "Sqlite"),
        KeyValuePair.Create("PrivacyProxy__SpentTokens__Sqlite__File", _directory.File("spent.db")));

    [Fact]
    public async Task Tokens_accepted_before_kill_9_are_refused_after_it()
    {
        const int tokens = 30, killAfter = 10;
        await using var origin = TcpOrigin.Echo();
        var fields = new KeyValuePair<string, string>[tokens];
        for (var i = 0; i < tokens; i++) fields[i] = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        var accepted = new bool[tokens];
        var count = 0;
        var first = await StartAsync();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Two at a time, so that the end comes in the midst of them.
        var clients = Enumerable.Range(0, 2).Select(client => OfferAsync(client)).ToList();
        await enough.Task.WaitAsync(ChildProcess.Patience);
        // SIGKILL.
        await first.DisposeAsync();
        await Task.WhenAll(clients);
        Assert.InRange(count, killAfter, tokens);

        await using var second = await StartAsync();
        for (var i = 0; i < tokens; i++)
        {
            var answer = await TunnelProbe.AnswerAsync(second, ProxyVersion.Http1, origin.Authority, fields[i]);
            if (accepted[i]) Assert.Equal(407, answer.Status);
            // Offered in vain or never: it may be good still, and after this it is spent.
            else Assert.Contains(answer.Status, new[] { 200, 407 });
            Assert.Equal(407, (await TunnelProbe.AnswerAsync(second, ProxyVersion.Http1, origin.Authority, fields[i])).Status);
        }

        async Task OfferAsync(int client)
        {
            for (var i = client; i < tokens; i += 2)
            {
                try
                {
                    accepted[i] = (await TunnelProbe.AnswerAsync(first, ProxyVersion.Http1, origin.Authority, fields[i])).Status == 200;
                }
                catch (Exception)
                {
                    // The proxy is dead.
                    return;
                }
                if (accepted[i] && Interlocked.Increment(ref count) == killAfter) enough.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task A_proxy_that_loses_its_file_is_not_ready_and_answers_503_until_it_is_back()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await StartAsync();
        var spent = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        var fresh = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        Assert.Equal(200, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, spent)).Status);

        File.Move(_directory.File("spent.db"), _directory.File("elsewhere.db"));
        await proxy.WaitForReadinessAsync(HttpStatusCode.ServiceUnavailable);
        foreach (var field in new[] { spent, fresh })
            Assert.Equal(503, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, field)).Status);

        File.Move(_directory.File("elsewhere.db"), _directory.File("spent.db"));
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, spent)).Status);
        Assert.Equal(200, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, fresh)).Status);
    }
}
