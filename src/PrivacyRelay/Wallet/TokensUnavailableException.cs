namespace PrivacyRelay.Wallet;

/// <summary>The issuer gave no tokens. The message is safe to show.</summary>
internal sealed class TokensUnavailableException : Exception
{
    public TokensUnavailableException(string message, Exception innerException) : base(message, innerException) { }

    public TokensUnavailableException(string message) : base(message) { }

    public TokensUnavailableException() : this("The issuer gave no tokens.") { }
}
