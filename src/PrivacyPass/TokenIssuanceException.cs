namespace PrivacyPass;

/// <summary>A token request or response that cannot be used. The message is safe to show: it names no secret.</summary>
public sealed class TokenIssuanceException : Exception
{
    /// <summary>Creates it with a message.</summary>
    public TokenIssuanceException(string message) : base(message) { }

    /// <summary>Creates it with a message and the cause.</summary>
    public TokenIssuanceException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates it.</summary>
    public TokenIssuanceException() : this("Token issuance failed.") { }
}
