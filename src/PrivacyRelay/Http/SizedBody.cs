namespace PrivacyRelay.Http;

/// <summary>A body of a known length, none at all with 0.</summary>
internal sealed class SizedBody(long length) : MessageBody
{
    private long _left = length;

    public override bool IsComplete => _left == 0;

    public override int Accept(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(_left, bytes.Length);
        _left -= count;
        return count;
    }
}
