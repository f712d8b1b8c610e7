using System.Net;

namespace PrivacyRelay.Issuance;

/// <summary>An issuer that gives no (more) tokens. The message is one sentence for a person; it names no token and no key.</summary>
internal sealed class IssuerException : Exception
{
    public IssuerException(string message) : base(message) { }

    public IssuerException(string message, Exception innerException) : base(message, innerException) { }

    public IssuerException() : this("The issuer gives no tokens.") { }

    /// <summary>What the issuer answered; null when it did not.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>How long the issuer asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True when a fresh directory may be all that is needed: the key is not in it, or the issuer does not know the key (any more).</summary>
    public bool DirectoryMayBeStale { get; init; }

    /// <summary>The tokens that came before the failure: good ones, to be kept.</summary>
    public IReadOnlyList<byte[]> Tokens { get; init; } = [];

    /// <summary>The same failure with the tokens that came before it.</summary>
    public IssuerException With(IReadOnlyList<byte[]> tokens) =>
        new(Message, this) { StatusCode = StatusCode, RetryAfter = RetryAfter, DirectoryMayBeStale = DirectoryMayBeStale, Tokens = tokens };
}
