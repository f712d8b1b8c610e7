namespace PrivacyRelay.Http;

/// <summary>An answer's body that ends with its connection.</summary>
internal sealed class UnendingBody : MessageBody
{
    public override bool IsComplete => false;

    public override bool HasEnd => false;

    public override int Accept(ReadOnlySpan<byte> bytes) => bytes.Length;
}
