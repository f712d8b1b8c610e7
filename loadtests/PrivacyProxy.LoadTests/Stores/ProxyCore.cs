using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Hosting;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Redemption;
using Tunneling.Loops;

namespace PrivacyProxy.LoadTests.Stores;

/// <summary>The part of a proxy that redeems tokens, put together as <c>serve</c> does, without listeners.</summary>
internal sealed class ProxyCore : IAsyncDisposable
{
    private static readonly TimeSpan _readyTimeout = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services;

    private ProxyCore(ServiceProvider services) => _services = services;

    public ISpentTokenStore Store => _services.GetRequiredService<ISpentTokenStore>();

    public IRedeemer Redeemer => _services.GetRequiredService<IRedeemer>();

    public AcceptedKeySet Keys => _services.GetRequiredService<AcceptedKeySet>();

    /// <summary>Where checks should come from; empty where any thread will do.</summary>
    public IReadOnlyList<EventLoop> Loops => _services.GetService<ILoopSource>()?.Loops ?? [];

    /// <summary>Builds one and waits until its store is ready.</summary>
    /// <exception cref="TimeoutException">The store did not become ready.</exception>
    public static async Task<ProxyCore> StartAsync(StoreSettings settings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.Configuration()).Build());
        services.AddProxyOptions();
        services.AddRedemption();
        if (settings.UsesLoops) services.AddSingleton<ILoopSource, TunnelLoops>();
        // Keys are given by hand: there is no issuer to ask.
        foreach (var refresher in services.Where(static service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(IssuerKeyRefresher)).ToList()) services.Remove(refresher);
        var core = new ProxyCore(services.BuildServiceProvider());
        try
        {
            foreach (var hosted in core._services.GetServices<IHostedService>()) await hosted.StartAsync(CancellationToken.None);
            var startedAt = Stopwatch.GetTimestamp();
            while (!core.Store.IsReady)
            {
                if (Stopwatch.GetElapsedTime(startedAt) > _readyTimeout) throw new TimeoutException($"The {core.Store.Name} store did not become ready within {_readyTimeout.TotalSeconds} s.");
                await Task.Delay(10);
            }
            return core;
        }
        catch
        {
            await core.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hosted in _services.GetServices<IHostedService>()) await hosted.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
