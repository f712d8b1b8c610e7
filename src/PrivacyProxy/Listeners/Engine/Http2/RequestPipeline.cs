using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>A request that the engine has read, to be served by the application.</summary>
internal interface IPipelineRequest
{
    IFeatureCollection Features { get; }

    /// <summary>The application has returned, or thrown: what of the answer is still to come is sent. Never throws.</summary>
    Task EndAsync(Exception? error);
}

/// <summary>The application behind the server, for requests that did not come through Kestrel. Known once the server has started.</summary>
internal sealed partial class RequestPipeline(ILogger<RequestPipeline> logger)
{
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<IPipelineRequest, Task>? _serve;
    private int _running = 1; // one for the server itself

    /// <summary>The server starts.</summary>
    public void Begin<TContext>(IHttpApplication<TContext> application)
        where TContext : notnull => _serve = request => ServeAsync(application, request);

    /// <summary>Serves one request to its end; never throws.</summary>
    public async Task ServeAsync(IPipelineRequest request)
    {
        Interlocked.Increment(ref _running);
        await _serve!(request);
        Leave();
    }

    /// <summary>The server stops: completes when the last request is over.</summary>
    public Task EndAsync(CancellationToken cancellationToken)
    {
        Leave();
        return _idle.Task.WaitAsync(cancellationToken);
    }

    /// <summary>What the application has thrown.</summary>
    public void Failed(Exception error) => LogFailure(error.GetType().Name);

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0) _idle.TrySetResult();
    }

    private static async Task ServeAsync<TContext>(IHttpApplication<TContext> application, IPipelineRequest request)
        where TContext : notnull
    {
        var context = application.CreateContext(request.Features);
        Exception? error = null;
        try
        {
            await application.ProcessRequestAsync(context);
        }
        catch (Exception e)
        {
            error = e;
        }

        await request.EndAsync(error);
        application.DisposeContext(context, error);
    }

    // The type only: a message could hold what the client sent.
    [LoggerMessage(EventId = 2806, Level = LogLevel.Error, Message = "A request failed inside the proxy: {ExceptionType}.")]
    private partial void LogFailure(string exceptionType);
}
