using System.Net.Quic;
using System.Runtime.Versioning;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A stream of a real QUIC connection.</summary>
[SupportedOSPlatform("linux")]
internal sealed class QuicTransportStream(QuicStream stream) : ITransportStream
{
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await stream.ReadAsync(buffer);
        }
        catch (QuicException e)
        {
            throw new StreamAbortedException(e.ApplicationErrorCode ?? -1);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await stream.WriteAsync(bytes);
        }
        catch (QuicException e)
        {
            throw new StreamAbortedException(e.ApplicationErrorCode ?? -1);
        }
    }

    public void CompleteWrites() => stream.CompleteWrites();

    public void Reset(long code) => stream.Abort(QuicAbortDirection.Write, code);

    public void StopSending(long code) => stream.Abort(QuicAbortDirection.Read, code);

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
