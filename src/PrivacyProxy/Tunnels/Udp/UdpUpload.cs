using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>
/// From a client's capsules to the target, and from the datagrams beside its stream where it has those. What arrived together is sent together;
/// other capsules and contexts are skipped as they arrive.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no handle: nobody asks for one.")]
internal sealed class UdpUpload(PipeReader input, UdpRace race, TunnelRegistry registry, TunnelTraffic traffic, UdpArrivals? arrivals = null)
{
    /// <summary>One at a time sends: capsules, or the datagrams beside them.</summary>
    private readonly SemaphoreSlim _sending = new(1, 1);

    private UdpBatch? _batch; // none while no address has answered
    private UdpDatagramReader _datagrams;
    private long _lastActive = registry.Now;

    /// <summary>When a datagram was last sent, in the registry's time.</summary>
    public long LastActive => Volatile.Read(ref _lastActive);

    /// <summary>Runs until the client ends the stream, breaks its rules, or the tunnel has ended.</summary>
    public async Task<TunnelEnding> RunAsync(Func<bool> hasEnded)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            if (result.IsCanceled && hasEnded()) return TunnelEnding.Finished;
            var buffer = result.Buffer;
            UdpDatagramStep step;
            await _sending.WaitAsync();
            try
            {
                while ((step = _datagrams.Read(ref buffer, out var payload)) is UdpDatagramStep.Payload or UdpDatagramStep.Skipped)
                    if (step == UdpDatagramStep.Payload) await SendAsync(payload);
                if (_batch is not null) await _batch.FlushAsync();
            }
            finally
            {
                _batch?.ReleaseBuffer();
                _sending.Release();
            }

            if (step == UdpDatagramStep.Malformed) return TunnelEnding.Malformed;
            var isTruncated = _datagrams.IsInCapsule || !buffer.IsEmpty;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) return isTruncated ? TunnelEnding.Malformed : TunnelEnding.Finished;
        }
    }

    /// <summary>The same for what comes beside the stream; runs until no more comes, and is false when that broke the rules.</summary>
    public async Task<bool> RunArrivalsAsync()
    {
        while (true)
        {
            var more = arrivals!.WaitAsync();
            // Where more has come already others want the thread too.
            if (more.IsCompleted) await Task.Yield();
            if (!await more) return !arrivals.IsMalformed;
            await _sending.WaitAsync();
            var run = arrivals.Take();
            try
            {
                await SendAsync(run);
            }
            finally
            {
                run.Clear();
                _batch?.ReleaseBuffer();
                _sending.Release();
            }
        }
    }

    /// <summary>All of them, from where they are.</summary>
    private async ValueTask SendAsync(UdpRun run)
    {
        var next = 0;
        // While no address has answered they are kept, one by one.
        while (_batch is null && next < run.Count) await SendAsync(new ReadOnlySequence<byte>(run[next++]));
        if (_batch is null) return;
        await _batch.FlushAsync();
        while (next < run.Count)
        {
            var bytes = run.Segments(next, out var size, out var count);
            Note(bytes.Length);
            await _batch.SendAsync(bytes, size, count);
            next += count;
        }
    }

    private void Note(int length)
    {
        Volatile.Write(ref _lastActive, registry.Now);
        traffic.ToDestination(length);
    }

    private ValueTask SendAsync(in ReadOnlySequence<byte> payload)
    {
        Note((int)payload.Length);
        if (_batch is null)
        {
            if (race.TrySend(payload)) return ValueTask.CompletedTask;
            _batch = new UdpBatch(race.Winner!.Socket);
        }

        return _batch.TryAdd(payload) ? ValueTask.CompletedTask : FlushAndAddAsync(_batch, payload);
    }

    private static async ValueTask FlushAndAddAsync(UdpBatch batch, ReadOnlySequence<byte> payload)
    {
        await batch.FlushAsync();
        batch.TryAdd(payload);
    }
}
