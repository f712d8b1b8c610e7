namespace PrivacyRelay.Issuance;

/// <summary>The caller no longer waits, but some tokens had come by then: good ones, to be kept.</summary>
internal sealed class IssuanceCanceledException : OperationCanceledException
{
    public IssuanceCanceledException(IReadOnlyList<byte[]> tokens, OperationCanceledException innerException)
        : base(innerException.Message, innerException, innerException.CancellationToken) => Tokens = tokens;

    /// <summary>At least one.</summary>
    public IReadOnlyList<byte[]> Tokens { get; }
}
