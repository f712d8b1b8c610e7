namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>The other side has reset a stream, or asked for it to stop, or closed the connection.</summary>
internal sealed class StreamAbortedException(long code) : IOException($"Aborted with 0x{code:x}.")
{
    public long Code => code;
}
