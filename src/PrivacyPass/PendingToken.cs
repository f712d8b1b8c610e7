namespace PrivacyPass;

/// <summary>A token request whose answer is awaited; holds the blinding secret until finalized or disposed.</summary>
public abstract class PendingToken : IDisposable
{
    /// <summary>The TokenRequest to send; for type 0xDA7A with its extensions.</summary>
    public abstract ReadOnlyMemory<byte> Request { get; }

    /// <summary>Unblinds the issuer's TokenResponse and checks it (DLEQ proof for types 1 and 5, signature for the others).</summary>
    /// <returns>The whole token, ready to be sent.</returns>
    /// <exception cref="TokenIssuanceException">The response has the wrong size or does not verify.</exception>
    public abstract byte[] Finalize(ReadOnlySpan<byte> tokenResponse);

    /// <summary>Frees and clears the secrets.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees and clears the secrets of a derived type.</summary>
    protected abstract void Dispose(bool disposing);
}
