namespace PrivacyRelay.HttpConnect;

/// <summary>A body of a known size; none is one of zero bytes.</summary>
internal sealed class SizedRequestBody(long length) : RequestBody
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
