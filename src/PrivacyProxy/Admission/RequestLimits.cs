using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using PrivacyProxy.Admission.Http2;
using Tunneling.Admission;

namespace PrivacyProxy.Admission;

/// <summary>
/// Middleware, the first: bounds what the requests of strangers hold, and how long an answer that was begun may take to be read,
/// which Kestrel's own limits do not where they had to be lifted for tunnels.
/// </summary>
internal sealed class RequestLimits(RequestDelegate next, ConnectionRegistry registry)
{
    /// <summary>The server's and ours for each request, with nothing in it, bytes.</summary>
    internal const int BareRequest = 4 * 1024;

    /// <summary>Bytes that cost as much as another request.</summary>
    private const int LargeRequest = 8 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<AdmittedConnection>() is not { IsStranger: true } connection) return next(context);
        // In order: after this answer on HTTP/1.1, by GOAWAY on HTTP/2.
        if (registry.HasStayedLong(connection)) context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        return context.Features.Get<IStrangerStreams>() is { } streams && context.Features.Get<IHttp2StreamIdFeature>() is { StreamId: var stream }
            ? ServeStreamAsync(context, streams, stream)
            : ServeAsync(context, connection);
    }

    /// <summary>On HTTP/2 the answer may wait for its window after it was given.</summary>
    private async Task ServeStreamAsync(HttpContext context, IStrangerStreams streams, int stream)
    {
        if (!streams.Weighs(stream, Weigh(context.Request)))
        {
            context.Abort();
            return;
        }

        context.Response.OnStarting(
            static state =>
            {
                var (streams, stream) = ((IStrangerStreams, int))state;
                streams.Answered(stream);
                return Task.CompletedTask;
            },
            (streams, stream));
        await next(context);
    }

    private async Task ServeAsync(HttpContext context, AdmittedConnection connection)
    {
        var held = Weigh(context.Request);
        if (!registry.TryBeginRequest(connection, held))
        {
            context.Abort();
            return;
        }

        context.Response.OnStarting(
            static state =>
            {
                ((AdmittedConnection)state).AnswerWaits();
                return Task.CompletedTask;
            },
            connection);
        context.Response.OnCompleted(
            static state =>
            {
                ((AdmittedConnection)state).AnswerDone();
                return Task.CompletedTask;
            },
            connection);
        try
        {
            if (registry.Pace(connection, 1 + CostOf(held)) is { Ticks: > 0 } wait) await Task.Delay(wait, registry.Time, context.RequestAborted);
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // It has gone while it waited for its turn.
        }
        finally
        {
            registry.EndRequest(connection, held);
        }
    }

    /// <summary>What a request costs beyond one, in requests: those of browsers nothing to speak of, those that hold much as many.</summary>
    internal static double CostOf(long held) => Math.Max(0, held - (2 * BareRequest)) / (double)LargeRequest;

    /// <summary>Names and values as strings of two bytes a character.</summary>
    private static long Weigh(HttpRequest request)
    {
        long characters = request.Path.Value?.Length ?? 0;
        characters += request.QueryString.Value?.Length ?? 0;
        foreach (var (name, values) in request.Headers)
        {
            characters += name.Length;
            foreach (var value in values) characters += value?.Length ?? 0;
        }

        return BareRequest + (2 * characters);
    }
}
