using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using PrivacyProxy.Admission.Http2;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>
/// Connection middleware that serves connections whose first request is an HTTP/1.1 CONNECT; all others go on to Kestrel untouched.
/// Kestrel's own HTTP/1.1 has no way to open a tunnel: it would answer CONNECT with a chunked body.
/// </summary>
internal sealed class ConnectFront(ConnectionDelegate next, TunnelHandler handler, IOptionsMonitor<TunnelOptions> options, TimeProvider time)
{
    private static ReadOnlySpan<byte> Method => "CONNECT "u8;

    /// <summary>An empty line before the request line is ignored (RFC 9112, section 2.2): old clients end a body with one. A few, not a stream of them.</summary>
    private const int MostEmptyLines = 4;

    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    private static ReadOnlySpan<byte> Http2Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private enum Start
    {
        Undecided,
        Connect,
        Http2,
        Other,
    }

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (IsHttp2ByAlpn(connection))
        {
            StrangerStreams.Watch(connection);
            await next(connection);
            return;
        }

        var limits = options.CurrentValue;
        switch (await ReadStartAsync(connection.Transport.Input, limits))
        {
            case Start.Connect:
                await ServeAsync(connection, limits);
                break;
            case Start.Http2:
                PriorKnowledge.Announce(connection);
                StrangerStreams.Watch(connection);
                await next(connection);
                break;
            case Start.Other:
                await next(connection);
                break;
        }
    }

    private static bool IsHttp2ByAlpn(ConnectionContext connection) =>
        connection.Features.Get<ITlsApplicationProtocolFeature>() is { } alpn
        && alpn.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span);

    /// <summary>Looks at the first bytes and leaves them in place. Undecided: the client left or was too slow.</summary>
    private async ValueTask<Start> ReadStartAsync(PipeReader input, TunnelOptions limits)
    {
        try
        {
            return await WaitForStartAsync(input, limits);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return Start.Undecided;
        }
    }

    private async ValueTask<Start> WaitForStartAsync(PipeReader input, TunnelOptions limits)
    {
        if (input.TryRead(out var result) && TakeStart(input, result.Buffer) is var first and not Start.Undecided) return first;

        await using var timer = CancelReadAfter(input, limits.RequestHeadTimeout);
        while (true)
        {
            result = await input.ReadAsync();
            if (TakeStart(input, result.Buffer) is var start and not Start.Undecided) return start;
            if (result.IsCompleted) return result.Buffer.IsEmpty ? Start.Undecided : Start.Other;
            if (result.IsCanceled) return Start.Undecided;
        }
    }

    /// <summary>Leaves the request in place, but not the empty lines before it: Kestrel would refuse them.</summary>
    private static Start TakeStart(PipeReader input, ReadOnlySequence<byte> bytes)
    {
        var request = bytes.Slice(EmptyLines(bytes));
        var start = StartOf(request);
        // Undecided they stay, so that they are counted from the first.
        if (start == Start.Undecided) input.AdvanceTo(bytes.Start, bytes.End);
        else input.AdvanceTo(request.Start);
        return start;
    }

    /// <summary>The length of the empty lines in front: CRLF, or LF alone (RFC 9112, section 2.2).</summary>
    private static long EmptyLines(ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        var length = 0L;
        for (var lines = 0; lines < MostEmptyLines; lines++)
        {
            reader.IsNext((byte)'\r', advancePast: true);
            if (!reader.IsNext((byte)'\n', advancePast: true)) break;
            length = reader.Consumed;
        }

        return length;
    }

    private static Start StartOf(ReadOnlySequence<byte> bytes)
    {
        // The first half of an empty line.
        if (bytes.Length == 1 && bytes.FirstSpan[0] == (byte)'\r') return Start.Undecided;
        Span<byte> start = stackalloc byte[Http2Preface.Length];
        start = start[..(int)Math.Min(bytes.Length, start.Length)];
        bytes.Slice(0, start.Length).CopyTo(start);
        if (start.StartsWith(Method)) return Start.Connect;
        if (start.SequenceEqual(Http2Preface)) return Start.Http2;
        return Method.StartsWith(start) || Http2Preface.StartsWith(start) ? Start.Undecided : Start.Other;
    }

    private async Task ServeAsync(ConnectionContext connection, TunnelOptions limits)
    {
        try
        {
            var (head, invalid) = await ReadHeadAsync(connection.Transport.Input, limits);
            if (head is null && invalid is null) return;
            await handler.HandleAsync(new Http1Exchange(connection, head, invalid, limits.RefusalLinger, time));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client's connection broke before there was a request to answer.
        }
    }

    /// <summary>Reads to the end of the head and no further. Both null: the client left within it.</summary>
    private async ValueTask<(ConnectHead? Head, InvalidRequest? Invalid)> ReadHeadAsync(PipeReader input, TunnelOptions limits)
    {
        if (input.TryRead(out var result) && TakeHead(input, result.Buffer, limits, out var taken)) return taken;
        await using var timer = CancelReadAfter(input, limits.RequestHeadTimeout);
        while (true)
        {
            result = await input.ReadAsync();
            if (TakeHead(input, result.Buffer, limits, out taken)) return taken;
            if (result.IsCompleted) return default;
            if (result.IsCanceled) return (null, new InvalidRequest(StatusCodes.Status408RequestTimeout, "request head not complete in time"));
        }
    }

    private static bool TakeHead(
        PipeReader input, ReadOnlySequence<byte> buffer, TunnelOptions limits, out (ConnectHead? Head, InvalidRequest? Invalid) taken)
    {
        taken = default;
        var reader = new SequenceReader<byte>(buffer);
        var isWhole = reader.TryReadTo(out ReadOnlySequence<byte> _, HeadEnd);
        if ((isWhole ? reader.Consumed : buffer.Length) > limits.MaxRequestHeadSize)
        {
            taken.Invalid = new InvalidRequest(StatusCodes.Status431RequestHeaderFieldsTooLarge, "request head too large");
            input.AdvanceTo(buffer.End);
            return true;
        }

        if (!isWhole)
        {
            input.AdvanceTo(buffer.Start, buffer.End);
            return false;
        }

        var head = buffer.Slice(0, reader.Consumed);
        taken.Invalid = ConnectHeadParser.Parse(head.IsSingleSegment ? head.FirstSpan : head.ToArray(), limits.MaxRequestFields, out taken.Head);
        // What follows is early data: it belongs to the tunnel.
        input.AdvanceTo(head.End);
        return true;
    }

    private ITimer CancelReadAfter(PipeReader input, TimeSpan delay) =>
        time.CreateTimer(static state => ((PipeReader)state!).CancelPendingRead(), input, delay, Timeout.InfiniteTimeSpan);
}
