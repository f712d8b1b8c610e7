using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Benchmarks;

/// <summary>Spent-token checks over one connection to a memcached of its own: the time of one, the rate of 64 callers, and 0 B each.</summary>
[MemoryDiagnoser]
public class MemcachedLinkBenchmarks
{
    private const int Callers = 64;
    private const int ChecksEach = 1000;

    private readonly SpentTokenKey _key = new(RandomNumberGenerator.GetBytes(SpentTokenKey.Size));
    private Process _server = null!;
    private MemcachedLink _link = null!;

    // BenchmarkDotNet's in-process toolchain does not await set-ups.
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup()
    {
        _link.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _server.Kill();
        _server.Dispose();
    }

    [Benchmark(Baseline = true, Description = "one at a time", OperationsPerInvoke = ChecksEach)]
    public Task OneAtATime() => CheckAsync();

    [Benchmark(Description = "64 callers", OperationsPerInvoke = Callers * ChecksEach)]
    public Task SixtyFourCallers() => Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CheckAsync()));

    private async Task SetupAsync()
    {
        var port = FreePort();
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "root"] : [];
        _server = Process.Start("/usr/bin/memcached", [.. user, "-l", "127.0.0.1", "-p", $"{port}", "-U", "0", "-m", "64", "-t", "2"]);
        if (!MemcachedEndpoint.TryParse($"127.0.0.1:{port}", out var endpoint)) throw new InvalidOperationException("Not an endpoint.");
        _link = await ConnectAsync(endpoint);
        if (await _link.GetAsync(_key) != MemcachedReply.Miss) throw new InvalidOperationException("memcached does not answer.");
    }

    private async Task CheckAsync()
    {
        for (var i = 0; i < ChecksEach; i++)
        {
            if (await _link.GetAsync(_key) != MemcachedReply.Miss) throw new InvalidOperationException("Not the reply to this command.");
        }
    }

    private async Task<MemcachedLink> ConnectAsync(MemcachedEndpoint endpoint)
    {
        while (!_server.HasExited)
        {
            try
            {
                return await MemcachedLink.ConnectAsync(endpoint, new MemcachedLinkOptions { Deadline = TimeSpan.FromSeconds(10) }, CancellationToken.None);
            }
            catch (SocketException)
            {
                // It does not listen yet.
                await Task.Delay(10);
            }
        }

        throw new InvalidOperationException("memcached did not start.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
