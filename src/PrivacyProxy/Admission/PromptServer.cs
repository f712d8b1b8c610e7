using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Admission;

/// <summary>
/// A server whose end does not wait for who does not want to go: tunnels have had their time before (Drain:Timeout), and what is left
/// gets a few seconds instead of all that the host has.
/// </summary>
internal sealed class PromptServer(IServer inner) : IServer
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4);

    public IFeatureCollection Features => inner.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => inner.StartAsync(application, cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        await inner.StopAsync(patience.Token);
    }

    public void Dispose() => inner.Dispose();

    /// <summary>Puts it before the server that is registered.</summary>
    public static void Decorate(IServiceCollection services)
    {
        var registered = services.Last(static service => service.ServiceType == typeof(IServer));
        services.Remove(registered);
        services.AddSingleton<IServer>(provider => new PromptServer((IServer)(registered.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!))));
    }
}
