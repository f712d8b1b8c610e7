using System.Buffers;
using System.Net.Sockets;
using PrivacyRelay.Streams;
using PrivacyRelay.Timing;

namespace PrivacyRelay.HttpProxy;

/// <summary>One request to an origin and its answer, which may come before the request is complete.</summary>
/// <remarks>
/// The messages are followed, not rebuilt: .NET's own client drops interim answers and cannot send trailers or <c>*</c>,
/// and its server cannot send trailers in HTTP/1.1.
/// </remarks>
internal sealed class Exchange(DuplexStream client, OriginConnection origin, LocalRequest request, IdleTimer idle)
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Interim answers to one request; a client's patience is no origin's to use up.</summary>
    private const int MaxInterim = 100;

    /// <summary>What is left of sending a request whose last byte was read already.</summary>
    private static readonly TimeSpan _lastWrite = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(idle.Token);
    private RelayAnswer? _clientsFault;
    private bool _isClientBroken;
    private bool _isAnswering;

    /// <summary>Answers the client, unless it is <see cref="ExchangeEnd.Stale"/>; never throws for what a peer does.</summary>
    public async Task<ExchangeEnd> RunAsync()
    {
        var sending = SendAsync();
        ExchangeEnd end;
        try
        {
            end = await AnswerAsync(sending);
        }
        catch (Exception e) when (IsPeerFailure(e))
        {
            end = await FailAsync(e);
        }

        // What is left of the body interests no one.
        await _stop.CancelAsync();
        await sending;
        _stop.Dispose();
        return end;
    }

    private async ValueTask<ExchangeEnd> FailAsync(Exception e)
    {
        if (_isAnswering) return ExchangeEnd.Cut;
        if (_clientsFault is { } fault) return await RefuseAsync(fault);
        return e switch
        {
            OperationCanceledException => ExchangeEnd.Cut,
            InvalidDataException => await RefuseAsync(RelayAnswer.OfOrigin(e.Message)),
            _ when IsStale => ExchangeEnd.Stale,
            _ => await RefuseAsync(RelayAnswer.OfOrigin("The connection to the origin broke.")),
        };
    }

    /// <summary>Whether an end before the first byte of an answer says nothing of this request.</summary>
    private bool IsStale => origin.IsUsed && request.IsRepeatable;

    /// <summary>True when the whole request has gone out.</summary>
    private async Task<bool> SendAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await origin.Stream.WriteAsync(request.ForOrigin(request.IsLast), _stop.Token);
            while (!request.Body.IsComplete)
            {
                var count = await ReadBodyAsync(buffer);
                idle.Active();
                await origin.Stream.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }

            return true;
        }
        catch (Exception e) when (IsPeerFailure(e))
        {
            // An origin that takes no more may have answered all the same; a client that broke its request gets nothing.
            if (_isClientBroken) await _stop.CancelAsync();
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<int> ReadBodyAsync(byte[] buffer)
    {
        try
        {
            var count = await client.ReadAsync(buffer, _stop.Token);
            if (count == 0) throw new InvalidDataException("The client ended inside the body.");
            var own = request.Body.Accept(buffer.AsSpan(0, count));
            client.Return(buffer.AsSpan(own, count - own));
            return own;
        }
        catch (InvalidDataException e)
        {
            _isClientBroken = true;
            _clientsFault = new RelayAnswer(400, e.Message + "\n");
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _isClientBroken = true;
            throw;
        }
    }

    private async Task<ExchangeEnd> AnswerAsync(Task<bool> sending)
    {
        for (var interim = 0; interim < MaxInterim; interim++)
        {
            if (await origin.ReadHeadAsync(_stop.Token) is not { } head)
                return IsStale && interim == 0 ? ExchangeEnd.Stale : await RefuseAsync(RelayAnswer.OfOrigin("The origin closed the connection without an answer."));
            idle.Active();
            var answer = OriginAnswer.Read(head, request);
            if (!answer.IsInterim) return answer.Status == 101 ? await SwitchAsync(answer, sending) : await PassAsync(answer, sending);
            if (!request.IsHttp10) await WriteAsync(answer.ForClient(isLast: false));
            origin.Listen();
        }

        throw new InvalidDataException("The origin answers without end.");
    }

    /// <summary>From here on the connection carries another protocol, if the client has asked for one.</summary>
    private async Task<ExchangeEnd> SwitchAsync(OriginAnswer answer, Task<bool> sending)
    {
        if (request.Upgrade is null || !await sending) throw new InvalidDataException("The origin changes to a protocol that nobody asked for.");
        await WriteAsync(answer.ForClient(isLast: false));
        return ExchangeEnd.Switched;
    }

    private async Task<ExchangeEnd> PassAsync(OriginAnswer answer, Task<bool> sending)
    {
        // An answer to half a request: what the client still sends could not be told from its next one.
        var isWhole = await IsSentAsync(sending);
        var isLast = request.IsLast || !answer.Body.HasEnd || !isWhole;
        await WriteAsync(answer.ForClient(isLast));
        await PassBodyAsync(answer);
        if (isLast) return ExchangeEnd.Closed;
        return answer.KeepsConnection && origin.TryReuse() ? ExchangeEnd.BothKept : ExchangeEnd.ClientKept;
    }

    private async ValueTask<bool> IsSentAsync(Task<bool> sending)
    {
        // An answer may overtake the word that the last write is done.
        if (request.Body.IsComplete) await Task.WhenAny(sending, Task.Delay(_lastWrite, _stop.Token));
        return sending.IsCompletedSuccessfully && await sending;
    }

    private async Task PassBodyAsync(OriginAnswer answer)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (!answer.Body.IsComplete)
            {
                var count = await origin.Stream.ReadAsync(buffer, _stop.Token);
                if (count == 0 && !answer.Body.HasEnd) return;
                if (count == 0) throw new InvalidDataException("The origin ended inside the body.");
                idle.Active();
                int own, content;
                if (answer.IsDecoded) own = answer.Body.Decode(buffer.AsSpan(0, count), out content);
                else own = content = answer.Body.Accept(buffer.AsSpan(0, count));
                await client.WriteAsync(buffer.AsMemory(0, content), idle.Token);
                origin.Stream.Return(buffer.AsSpan(own, count - own));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteAsync(byte[] head)
    {
        _isAnswering = true;
        await client.WriteAsync(head, idle.Token);
    }

    private async ValueTask<ExchangeEnd> RefuseAsync(RelayAnswer answer)
    {
        try
        {
            await WriteAsync(answer.ToBytes(request.Method == "HEAD"));
            return ExchangeEnd.Closed;
        }
        catch (Exception e) when (IsPeerFailure(e))
        {
            return ExchangeEnd.Cut;
        }
    }

    private static bool IsPeerFailure(Exception e) =>
        e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or InvalidDataException or HttpRequestException;
}
