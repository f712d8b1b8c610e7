namespace PrivacyPass;

/// <summary>A batch of token requests whose answer is awaited; holds the blinding secrets until disposed.</summary>
public abstract class PendingTokenBatch : IDisposable
{
    /// <summary>The most tokens of one batch: a proof numbers its elements with two bytes (RFC 9497, section 2.2.1).</summary>
    public const int MostTokens = ushort.MaxValue;

    /// <summary>The AmortizedBatchTokenRequest to send.</summary>
    public abstract ReadOnlyMemory<byte> Request { get; }

    /// <summary>How many tokens it is for.</summary>
    public abstract int Count { get; }

    /// <summary>Unblinds the issuer's AmortizedBatchTokenResponse and checks its one proof: all tokens are good, or none.</summary>
    /// <returns>The whole tokens, ready to be sent.</returns>
    /// <exception cref="TokenIssuanceException">The response has the wrong size or does not verify.</exception>
    public abstract IReadOnlyList<byte[]> Finalize(ReadOnlySpan<byte> batchResponse);

    /// <summary>Frees and clears the secrets.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees and clears the secrets of a derived type.</summary>
    protected abstract void Dispose(bool disposing);
}
