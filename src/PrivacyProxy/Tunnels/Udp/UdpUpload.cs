using System.Buffers;
using System.IO.Pipelines;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>From a client's capsules to the target. What arrived together is sent together; other capsules and contexts are skipped as they arrive.</summary>
internal sealed class UdpUpload(PipeReader input, UdpRace race, TunnelRegistry registry, TunnelTraffic traffic)
{
    private UdpBatch? _batch; // none while no address has answered
    private UdpDatagramReader _datagrams;
    private long _lastActive = registry.Now;

    /// <summary>When a datagram was last sent, in the registry's time.</summary>
    public long LastActive => Volatile.Read(ref _lastActive);

    /// <summary>Runs until the client ends the stream, breaks its rules, or the tunnel has ended.</summary>
    public async Task<TunnelEnding> RunAsync(Func<bool> hasEnded)
    {
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                if (result.IsCanceled && hasEnded()) return TunnelEnding.Finished;
                var buffer = result.Buffer;
                UdpDatagramStep step;
                while ((step = _datagrams.Read(ref buffer, out var payload)) is UdpDatagramStep.Payload or UdpDatagramStep.Skipped)
                    if (step == UdpDatagramStep.Payload) await SendAsync(payload);
                if (_batch is not null) await _batch.FlushAsync();
                if (step == UdpDatagramStep.Malformed) return TunnelEnding.Malformed;
                _batch?.ReleaseBuffer();
                var isTruncated = _datagrams.IsInCapsule || !buffer.IsEmpty;
                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted) return isTruncated ? TunnelEnding.Malformed : TunnelEnding.Finished;
            }
        }
        finally
        {
            _batch?.ReleaseBuffer();
        }
    }

    private async ValueTask SendAsync(ReadOnlySequence<byte> payload)
    {
        Volatile.Write(ref _lastActive, registry.Now);
        traffic.ToDestination((int)payload.Length);
        if (_batch is null)
        {
            if (race.TrySend(payload)) return;
            _batch = new UdpBatch(race.Winner!);
        }

        if (_batch.TryAdd(payload)) return;
        await _batch.FlushAsync();
        _batch.TryAdd(payload);
    }
}
