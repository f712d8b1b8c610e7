using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PrivacyPass.Http;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>Authenticates a request by a token it has not spent before (RFC 9577).</summary>
internal sealed partial class PrivateTokenHandler(
    IOptionsMonitor<PrivateTokenOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ITokenSpender spender)
    : AuthenticationHandler<PrivateTokenOptions>(options, loggers, encoder), IAuthenticationHandler
{
    private static readonly AuthenticateResult _unavailable = AuthenticateResult.Fail("Whether the token is spent cannot be known.");
    private bool _wasCalled;
    private AuthenticateResult? _result;

    /// <summary>Implemented anew: what nobody asked for must neither spend nor be remembered as this request's result.</summary>
    async Task<AuthenticateResult> IAuthenticationHandler.AuthenticateAsync()
    {
        var mayBeUnasked = !_wasCalled;
        _wasCalled = true;
        return !HasCredentials || await TokenDemand.IsMadeAsync(Context, Scheme.Name, mayBeUnasked) ? await AuthenticateAsync() : AuthenticateResult.NoResult();
    }

    private bool HasCredentials => Request.Headers.Authorization.Any(static value => PrivateTokenCredentials.IsPrivateToken(value));

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync() => _result = await RedeemAsync();

    private async Task<AuthenticateResult> RedeemAsync()
    {
        if (!HasCredentials) return AuthenticateResult.NoResult();
        var authorization = Request.Headers.Authorization;
        if (authorization.Count != 1) return AuthenticateResult.Fail("There is more than one Authorization field.");
        var (offer, token, refusal) = Verify(authorization[0]);
        if (offer is null) return AuthenticateResult.Fail(refusal);

        return await SpendAsync(token) switch
        {
            TokenSpendResult.Spent => AuthenticateResult.Success(TicketFor(offer)),
            TokenSpendResult.AlreadySpent => AuthenticateResult.Fail("The token is spent."),
            _ => _unavailable,
        };
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Only looked at: a challenge must not spend what was not asked for before.
        if (ReferenceEquals(_result, _unavailable))
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        foreach (var offer in Options.Offers) Response.Headers.Append("WWW-Authenticate", offer.HeaderValue);
        return Task.CompletedTask;
    }

    /// <summary>Everything that needs no I/O: what to spend and the offer it answers, or why not.</summary>
    private (PrivateTokenOffer? Offer, SpendableToken Token, string Refusal) Verify(string? authorization)
    {
        Span<byte> bytes = stackalloc byte[TokenSizes.LargestToken];
        var error = PrivateTokenCredentials.TryRead(authorization, bytes, out var length);
        if (error != PrivateTokenError.None || !TokenView.TryRead(bytes[..length], out var token)) return (null, default, $"The credentials hold no token: {error}.");
        foreach (var offer in Options.Offers)
        {
            if (!offer.IsAnsweredBy(token)) continue;
            if (offer.Find(token.KeyId) is not { } verifier) return (null, default, "The token is of an unknown key.");
            return verifier.Verify(token) ? (offer, SpendableToken.Of(token), "") : (null, default, "The token does not verify.");
        }

        return (null, default, "The token answers no challenge of this server.");
    }

    private async ValueTask<TokenSpendResult> SpendAsync(SpendableToken token)
    {
        try
        {
            return await spender.SpendAsync(token, Context.RequestAborted);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogSpenderFailed(Logger, e);
            return TokenSpendResult.Unavailable;
        }
    }

    private AuthenticationTicket TicketFor(PrivateTokenOffer offer)
    {
        Claim[] claims = [new(PrivateTokenDefaults.IssuerClaim, offer.Challenge.IssuerName)];
        return new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name)), Scheme.Name);
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "Spending a token failed; the request is refused")]
    private static partial void LogSpenderFailed(ILogger logger, Exception exception);
}
