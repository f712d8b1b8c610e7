namespace PrivacyPass.AspNetCore.Keys;

/// <summary>A key file or key directory that cannot be used. The message names the file and never its contents.</summary>
public sealed class IssuerKeyFileException : Exception
{
    /// <summary>Creates it with a message.</summary>
    public IssuerKeyFileException(string message) : base(message) { }

    /// <summary>Creates it with a message and the cause.</summary>
    public IssuerKeyFileException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates it.</summary>
    public IssuerKeyFileException() : this("An issuer key file cannot be used.") { }
}
