using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memory;

namespace PrivacyProxy.Benchmarks;

/// <summary>
/// Spends of the Memory store on two threads, growth of its tables from empty included. To stay under 200 ns (5 million spends/s)
/// and, printed at the end of each run, under 80 bytes a spent token.
/// </summary>
[WarmupCount(1)]
[IterationCount(6)]
public class MemoryStoreBenchmarks
{
    private const int Threads = 2;
    private const int Spends = 4_000_000;

    private readonly TokenKeyId _issuerKey = TokenKeyId.Of("an issuer key"u8);
    private readonly long _expires = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();
    private MemorySpentTokenStore _store = null!;
    private long _heapBefore;
    private TimeSpan _processorTimeBefore;

    [IterationSetup]
    public void Setup()
    {
        _heapBefore = GC.GetTotalMemory(forceFullCollection: true);
        _store = new MemorySpentTokenStore(Spends + 1, TimeProvider.System);
        _processorTimeBefore = Environment.CpuUsage.TotalTime;
    }

    [IterationCleanup]
    public void Cleanup()
    {
        var processorTime = Environment.CpuUsage.TotalTime - _processorTimeBefore;
        var held = GC.GetTotalMemory(forceFullCollection: true) - _heapBefore;
        var spent = Spends + 1 - _store.Left;
        Console.WriteLine($"// {spent} spent tokens hold {held / (double)spent:0.0} bytes each and took {processorTime.TotalNanoseconds / spent:0} ns of CPU each");
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    [Benchmark(OperationsPerInvoke = Spends, Description = "Spend, fresh, two threads")]
    public void Spend() => Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, SpendShare);

    private void SpendShare(int thread)
    {
        Span<ulong> words = stackalloc ulong[SpentTokenKey.Size / sizeof(ulong)];
        var state = (ulong)(thread + 1) << 48;
        for (var i = 0; i < Spends / Threads; i++)
        {
            foreach (ref var word in words) word = Next(ref state);
            var token = new SpentToken(new SpentTokenKey(MemoryMarshal.AsBytes(words)), _issuerKey, _expires);
            var spend = _store.SpendAsync(token, default);
            if (!spend.IsCompletedSuccessfully || spend.Result != SpendOutcome.Fresh) throw new InvalidOperationException("A fresh token was refused.");
        }
    }

    /// <summary>SplitMix64: cheap, and as even as a hash.</summary>
    private static ulong Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
