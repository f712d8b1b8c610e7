namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>An issuer's keys could not be had; the message is the reason.</summary>
internal sealed class IssuerDirectoryException : Exception
{
    public IssuerDirectoryException(string message) : base(message) { }

    public IssuerDirectoryException(string message, Exception innerException) : base(message, innerException) { }
}
