using Microsoft.AspNetCore.Http;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Told of each request for tokens; whoever hosts the endpoint may register one.</summary>
internal interface IIssuanceMetrics
{
    /// <summary>Tokens are about to be sent.</summary>
    void Issued(HttpContext context, int tokens);

    /// <summary>The answer has its status.</summary>
    void Answered(HttpContext context);
}
