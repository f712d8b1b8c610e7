using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.LoadTests.Clients.Http3;

/// <summary>What the proxy sends on a request's stream, frame by frame.</summary>
internal sealed class Http3Input(PipeReader input)
{
    private ulong _left;
    private bool _isData;

    /// <summary>The field section of the answer.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public async ValueTask<byte[]> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var rest = buffer;
            if (Frame.TryReadHeader(ref rest, out var type, out var length) && (ulong)rest.Length >= length)
            {
                var payload = rest.Slice(0, (long)length);
                var head = type == Http3Codes.HeadersFrame ? payload.ToArray() : null;
                input.AdvanceTo(payload.End);
                if (head is not null) return head;
                continue;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) throw new IOException("The proxy ended the stream without an answer.");
        }
    }

    /// <summary>Bytes of DATA frames; 0 at their end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (Take(ref buffer, into.Span) is var count and > 0)
            {
                // What is left is looked at with the next call.
                input.AdvanceTo(buffer.Start);
                return count;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) return 0;
        }
    }

    private int Take(ref ReadOnlySequence<byte> buffer, Span<byte> into)
    {
        var taken = 0;
        while (taken < into.Length && !buffer.IsEmpty)
        {
            if (_left == 0)
            {
                if (!Frame.TryReadHeader(ref buffer, out var type, out _left)) break;
                _isData = type == Http3Codes.DataFrame;
                continue;
            }

            var part = buffer.Slice(0, (long)Math.Min((ulong)Math.Min(buffer.Length, _isData ? into.Length - taken : long.MaxValue), _left));
            if (_isData)
            {
                part.CopyTo(into[taken..]);
                taken += (int)part.Length;
            }

            _left -= (ulong)part.Length;
            buffer = buffer.Slice(part.End);
        }

        return taken;
    }
}
