using System.IO.Pipelines;
using Masque;

namespace PrivacyProxy.Tunnels.Capsules;

/// <summary>A client whose TCP bytes travel in DATA capsules both ways (draft-ietf-httpbis-connect-tcp, section 3).</summary>
internal sealed class DataCapsuleClient(TunnelClient stream) : TunnelClient
{
    /// <summary>Type and length, both in four bytes: written before the length is known.</summary>
    private const int HeaderLength = 2 * LengthLength;
    private const int LengthLength = 4;

    private Memory<byte> _capsule;

    public override PipeReader Input { get; } = new DataCapsuleInput(stream.Input);

    public override bool IsGone => stream.IsGone;

    public override int MaxBufferSize => stream.MaxBufferSize - HeaderLength;

    public override Memory<byte> GetBuffer(int size)
    {
        _capsule = stream.GetBuffer(size + HeaderLength);
        return _capsule[HeaderLength..];
    }

    public override ValueTask<bool> SendAsync(int count)
    {
        CapsuleWriter.WriteHeader(_capsule.Span, CapsuleType.Data, (ulong)count, LengthLength);
        return stream.SendAsync(HeaderLength + count);
    }

    public override void ReleaseBuffer()
    {
        _capsule = default;
        stream.ReleaseBuffer();
    }

    /// <summary>FINAL_DATA is the FIN; the stream itself ends with the tunnel, so the client's bytes go on arriving on every version.</summary>
    public override async ValueTask CompleteAsync()
    {
        var capsule = stream.GetBuffer(CapsuleWriter.MaxHeaderLength);
        await stream.SendAsync(CapsuleWriter.WriteHeader(capsule.Span, CapsuleType.FinalData, 0));
    }

    public override void Reset() => stream.Reset();

    public override void ResetMalformed() => stream.ResetMalformed();
}
