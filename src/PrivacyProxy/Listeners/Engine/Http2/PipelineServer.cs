using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>A server that lets the engine's requests to the same application.</summary>
internal sealed class PipelineServer(IServer inner, RequestPipeline pipeline) : IServer
{
    public IFeatureCollection Features => inner.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        pipeline.Begin(application);
        return inner.StartAsync(application, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await inner.StopAsync(cancellationToken);
        try
        {
            await pipeline.EndAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Who does not come to an end is left behind.
        }
    }

    public void Dispose() => inner.Dispose();

    /// <summary>Puts it before the server that is registered.</summary>
    public static void Decorate(IServiceCollection services)
    {
        var registered = services.Last(static service => service.ServiceType == typeof(IServer));
        services.Remove(registered);
        services.AddSingleton<IServer>(provider => new PipelineServer(
            (IServer)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!), provider.GetRequiredService<RequestPipeline>()));
    }
}
