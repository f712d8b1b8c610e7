using PrivacyRelay.Sessions;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.HttpConnect;

/// <summary>Serves one HTTP client: a CONNECT tunnel, or one plain http request.</summary>
internal static class HttpSession
{
    private const int MaxHead = 32 * 1024;

    private static ReadOnlyMemory<byte> Established { get; } = "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray();

    public static async Task RunAsync(DuplexStream client, LocalSession session, CancellationToken cancellationToken)
    {
        var (request, error) = await ReadAsync(client, session, cancellationToken);
        RequestBody? body = null;
        if (request is { OriginForm: not null }) body = RequestBody.Of(request.Head, out error);
        if (error is not null)
        {
            await RefuseAsync(client, session, error, cancellationToken);
            return;
        }

        if (request is null) return;
        DuplexStream upstream;
        try
        {
            upstream = await session.OpenAsync(request.Destination!, cancellationToken);
        }
        catch (TunnelException e)
        {
            await RefuseAsync(client, session, ErrorAnswer.Of(e), cancellationToken);
            return;
        }

        await using (upstream)
        {
            if (body is null)
            {
                await client.WriteAsync(Established, cancellationToken);
                await session.PumpAsync(client, upstream, cancellationToken);
            }
            else
            {
                await upstream.WriteAsync(OriginRequest.Write(request), cancellationToken);
                using var idle = session.IdleTimeout(cancellationToken);
                await RequestForwarder.RunAsync(client, upstream, body, idle);
            }
        }
    }

    /// <summary>A request, the answer that refuses it, or neither when the client went away.</summary>
    private static async ValueTask<(LocalRequest? Request, ErrorAnswer? Error)> ReadAsync(DuplexStream client, LocalSession session, CancellationToken cancellationToken)
    {
        using var handshake = session.HandshakeTimeout(cancellationToken);
        try
        {
            if (await client.ReadHeadAsync(MaxHead, handshake.Token) is not { } head) return (null, null);
            return (LocalRequest.Read(head, out var error), error);
        }
        catch (InvalidDataException)
        {
            return (null, new ErrorAnswer(431, $"The request's head is longer than {MaxHead} bytes."));
        }
        catch (OperationCanceledException) when (handshake.HasPassed)
        {
            return (null, new ErrorAnswer(408, "The request's head did not come in time."));
        }
    }

    private static async Task RefuseAsync(DuplexStream client, LocalSession session, ErrorAnswer error, CancellationToken cancellationToken)
    {
        await client.WriteAsync(error.ToBytes(), cancellationToken);
        await session.CloseAsync(client, cancellationToken);
    }
}
