using Microsoft.AspNetCore.Http;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>One way to ask for tokens: what it is called, what it may cost, how it is read and answered.</summary>
internal abstract class IssuanceProtocol
{
    /// <summary>The media type of the request.</summary>
    public abstract string RequestType { get; }

    /// <summary>The media type of the response.</summary>
    public abstract string ResponseType { get; }

    /// <summary>A body of up to this is read and answered with 422 when it is no request; a longer one with 413.</summary>
    public abstract int LargestBody { get; }

    /// <summary>Reads a request as far as it can be without any cryptography: what it asks for, or why it is refused.</summary>
    public abstract IssuancePlan Plan(HttpContext context, ReadOnlyMemory<byte> body);
}
