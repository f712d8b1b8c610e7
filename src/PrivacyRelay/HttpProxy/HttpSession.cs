using PrivacyRelay.Sessions;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.HttpProxy;

/// <summary>Serves one HTTP client: plain http requests one after another, or a CONNECT tunnel.</summary>
/// <remarks>
/// A connection to an origin is kept for its client's next request there, and for no other client: logins of some kinds hold for a
/// connection, and two programs are not to be linked by one.
/// </remarks>
internal sealed class HttpSession(DuplexStream client, LocalSession session, System.Net.EndPoint local)
{
    /// <summary>Some clients send them after a body; the head that follows is read all the same (RFC 9112, section 2.2).</summary>
    public const int MostEmptyLines = 4;

    private const int MaxHead = 32 * 1024;

    private OriginConnection? _kept;

    private static ReadOnlyMemory<byte> Established { get; } = "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await ServeAsync(cancellationToken) && await IsFollowedAsync(cancellationToken))
            {
            }
        }
        finally
        {
            if (_kept is not null) await _kept.DisposeAsync();
        }
    }

    /// <summary>One request; true when the connection takes another one.</summary>
    private async Task<bool> ServeAsync(CancellationToken cancellationToken)
    {
        var (request, refusal) = await ReadAsync(cancellationToken);
        if (request is { MaxForwards: 0 }) refusal = RelayAnswer.AsLastRecipient(request);
        if (refusal is not null) return await RefuseAsync(request, refusal, cancellationToken);
        if (request is null) return false;
        try
        {
            return request.Target is null ? await TunnelAsync(request, cancellationToken) : await ForwardAsync(request, cancellationToken);
        }
        catch (TunnelException e)
        {
            return await RefuseAsync(request, RelayAnswer.Of(e), cancellationToken);
        }
    }

    /// <summary>A request, the answer that refuses it, or neither when the client went away.</summary>
    private async ValueTask<(LocalRequest? Request, RelayAnswer? Refusal)> ReadAsync(CancellationToken cancellationToken)
    {
        using var handshake = session.HandshakeTimeout(cancellationToken);
        try
        {
            await client.SkipEmptyLinesAsync(MostEmptyLines, handshake.Token);
            if (await client.ReadHeadAsync(MaxHead, handshake.Token) is not { } head) return (null, null);
            if (head.AsSpan().StartsWith(ProxyScript.Request)) return (null, RelayAnswer.Script(ProxyScript.Write(local.ToString()!)));
            if (session.Users.AreAsked && Http.HttpHead.Parse(head) is { } parsed && !session.Users.Admit([.. parsed.Values("Proxy-Authorization")])) return (null, RelayAnswer.AskForPassword);

            return (LocalRequest.Read(head, out var error), error);
        }
        catch (InvalidDataException)
        {
            return (null, new RelayAnswer(431, $"The request's head is longer than {MaxHead} bytes.\n"));
        }
        catch (OperationCanceledException) when (handshake.HasPassed)
        {
            return (null, new RelayAnswer(408, "The request's head did not come in time.\n"));
        }
    }

    private async Task<bool> TunnelAsync(LocalRequest request, CancellationToken cancellationToken)
    {
        await using var upstream = await session.OpenAsync(request.Destination, cancellationToken);
        await client.WriteAsync(Established, cancellationToken);
        await session.PumpAsync(client, upstream, cancellationToken);
        return false;
    }

    private async Task<bool> ForwardAsync(LocalRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var origin = await ConnectAsync(request, cancellationToken);
            var end = ExchangeEnd.Cut;
            try
            {
                using var idle = session.IdleTimeout(cancellationToken);
                end = await new Exchange(client, origin, request, idle).RunAsync();
                if (end == ExchangeEnd.Switched) await session.PumpAsync(client, origin.Stream, cancellationToken);
            }
            finally
            {
                if (end == ExchangeEnd.BothKept) _kept = origin;
                else await origin.DisposeAsync();
            }

            switch (end)
            {
                case ExchangeEnd.Stale: continue;
                case ExchangeEnd.BothKept or ExchangeEnd.ClientKept: return true;
                case ExchangeEnd.Closed: await session.CloseAsync(client, cancellationToken); return false;
                case ExchangeEnd.Switched: return false;
                default: client.Abort(); return false;
            }
        }
    }

    /// <summary>The kept connection where it leads there and the request can be asked again should it be gone; else a new one.</summary>
    private async ValueTask<OriginConnection> ConnectAsync(LocalRequest request, CancellationToken cancellationToken)
    {
        var kept = _kept;
        _kept = null;
        if (kept is not null)
        {
            if (request.IsRepeatable && !kept.Spoke.IsCompleted && kept.Authority == request.Destination.Authority) return kept;
            await kept.DisposeAsync();
        }

        return new OriginConnection(await session.OpenAsync(request.Destination, cancellationToken), request.Destination.Authority);
    }

    /// <summary>The first byte of a request; an empty line after the last one is none, however long the client then thinks.</summary>
    private async Task<byte?> NextAsync(CancellationToken cancellationToken)
    {
        await client.SkipEmptyLinesAsync(MostEmptyLines, cancellationToken);
        return await client.PeekAsync(cancellationToken);
    }

    /// <summary>Waits for the client's next request. Meanwhile an origin that leaves is let go.</summary>
    private async ValueTask<bool> IsFollowedAsync(CancellationToken cancellationToken)
    {
        using var patience = session.KeepAliveTimeout(cancellationToken);
        try
        {
            var next = NextAsync(patience.Token);
            if (_kept is { } kept && await Task.WhenAny(next, kept.Spoke) != next)
            {
                _kept = null;
                await kept.DisposeAsync();
            }

            return await next is not null;
        }
        catch (OperationCanceledException) when (patience.HasPassed)
        {
            return false;
        }
    }

    private async Task<bool> RefuseAsync(LocalRequest? request, RelayAnswer answer, CancellationToken cancellationToken)
    {
        await client.WriteAsync(answer.ToBytes(request?.Method == "HEAD"), cancellationToken);
        await session.CloseAsync(client, cancellationToken);
        return false;
    }
}
