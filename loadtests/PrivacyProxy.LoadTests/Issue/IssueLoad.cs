using System.Diagnostics;
using System.Net.Http.Headers;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;
using PrivacyRelay.Issuance;

namespace PrivacyProxy.LoadTests.Issue;

/// <summary>Token requests of one type to one issuer.</summary>
internal sealed class IssueLoad
{
    private readonly HttpClient _http;
    private readonly TokenType _type;
    private readonly Uri _url;
    private readonly ReadOnlyMemory<byte> _key;
    private readonly TokenChallenge _challenge;

    private IssueLoad(HttpClient http, TokenType type, Uri url, ReadOnlyMemory<byte> key)
    {
        (_http, _type, _url, _key) = (http, type, url, key);
        _challenge = new TokenChallenge(type, "issuer.example", [], "proxy.example");
    }

    /// <exception cref="IssuerException">It has no key of that type.</exception>
    public static async Task<IssueLoad> CreateAsync(HttpClient http, Uri directoryUrl, TokenType type, CancellationToken cancellationToken)
    {
        using var client = new IssuerClient(http, directoryUrl);
        var directory = await client.GetDirectoryAsync(cancellationToken);
        var key = directory.SelectKey(type, DateTimeOffset.UtcNow) ?? throw new IssuerException($"{directoryUrl} has no key of type {(int)type}.");
        return new IssueLoad(http, type, directory.ResolveRequestUri(directoryUrl), key.TokenKey);
    }

    /// <param name="screen">Shows how far it is.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="callers">Requests at a time.</param>
    /// <param name="processes">Of the issuer; null where its CPU time is not known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IssuedType> RunAsync(LoadScreen screen, int count, int callers, ProcessTree? processes, CancellationToken cancellationToken)
    {
        // Requests are finished with what their client holds.
        using var client = TokenCryptography.CreateClient(_type, _key.Span);
        var requests = new PendingToken[count];
        var answers = new byte[]?[count];
        try
        {
            screen.Progress($"blinding {Numbers.Count(count)} requests of type {(int)_type}");
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i => requests[i] = client.CreateRequest(_challenge.Encoded.Span));
            GC.Collect();
            var (next, failed, latencies) = (0, new Failures(), new LatencyHistogram());
            var (processor, compiler, startedAt) = (processes?.ProcessorTime, processes?.CompilerTime, Stopwatch.GetTimestamp());
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
                async () =>
                {
                    var mine = new LatencyHistogram();
                    while (Interlocked.Increment(ref next) - 1 is var i && i < count && !cancellationToken.IsCancellationRequested)
                    {
                        if (i % 64 == 0) lock (latencies) screen.Bar($"tokens of type {(int)_type}", i, count);
                        var askedAt = Stopwatch.GetTimestamp();
                        answers[i] = await PostAsync(requests[i].Request, failed, cancellationToken);
                        if (answers[i] is not null) mine.Record(Stopwatch.GetTimestamp() - askedAt);
                    }

                    lock (latencies) latencies.Add(mine);
                },
                CancellationToken.None)));
            cancellationToken.ThrowIfCancellationRequested();
            var elapsed = Stopwatch.GetElapsedTime(startedAt);
            var compiling = processes?.CompilerTime - compiler is { } time && time > TimeSpan.Zero ? time : TimeSpan.Zero;
            var used = processes?.ProcessorTime - processor - compiling;
            Parallel.For(0, count, i => Finalize(requests[i], answers[i], failed));
            return new IssuedType((int)_type, count - failed.Count, failed.Count, failed.First, elapsed.TotalSeconds, used?.TotalSeconds, latencies.Summarize()) { Latencies = latencies };
        }
        finally
        {
            foreach (var request in requests) request?.Dispose();
        }
    }

    /// <summary>Null where there is no answer.</summary>
    private async ValueTask<byte[]?> PostAsync(ReadOnlyMemory<byte> request, Failures failed, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new ReadOnlyMemoryContent(request);
            content.Headers.ContentType = new MediaTypeHeaderValue(PrivateTokenMediaTypes.TokenRequest);
            using var answer = await _http.PostAsync(_url, content, cancellationToken);
            if (answer.IsSuccessStatusCode) return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            failed.Add($"The issuer answered {(int)answer.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            failed.Add(e.Message);
        }
        catch (OperationCanceledException)
        {
            // The caller looks.
        }

        return null;
    }

    private static void Finalize(PendingToken request, byte[]? answer, Failures failed)
    {
        if (answer is null) return;
        try
        {
            request.Finalize(answer);
        }
        catch (TokenIssuanceException e)
        {
            failed.Add(e.Message);
        }
    }

    private sealed class Failures
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public string? First { get; private set; }

        public void Add(string reason)
        {
            if (Interlocked.Increment(ref _count) == 1) First = reason;
        }
    }
}
