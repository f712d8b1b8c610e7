using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.Http;
using PrivacyPass.SpentTokens;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>Authenticates a request by a token that was not spent before (RFC 9577).</summary>
internal sealed partial class PrivateTokenHandler(
    IOptionsMonitor<PrivateTokenOptions> options, ILoggerFactory loggers, UrlEncoder encoder, PrivateTokenKeys keys, ISpentTokenStore store)
    : AuthenticationHandler<PrivateTokenOptions>(options, loggers, encoder), IAuthenticationHandler
{
    private static readonly AuthenticateResult _unavailable = AuthenticateResult.Fail("Whether the token is good cannot be known now.");
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
        var bytes = new byte[TokenSizes.LargestToken];
        if (PrivateTokenCredentials.TryRead(authorization[0], bytes, out var length) is not PrivateTokenError.None and var error) return AuthenticateResult.Fail($"The credentials hold no token: {error}.");
        var (standing, key, spent) = Examine(bytes.AsSpan(0, length));
        if (standing == TokenStanding.NotReady) return _unavailable;
        if (standing != TokenStanding.Known || key is null) return AuthenticateResult.Fail($"The token is not taken: {standing}.");
        TokenExtensions? extensions = null;
        if (TokenSizes.HasExtensions(key.Type)
            && PresentedExtensions.Examine(authorization[0]!, new byte[TokenExtensions.LargestRead], keys.Time.GetUtcNow(), out _, out extensions) is not ExtensionStanding.Good and var unfit)
            return AuthenticateResult.Fail($"The token's extensions are not taken: {unfit}.");
        // Before it is spent: what a policy does not take stays good.
        if (!(await TokenDemand.RequirementsAsync(Context)).All(required => required.Takes(key.Issuer, key.Type))) return AuthenticateResult.Fail("The policy asks for another issuer or type.");
        return await VerifyAndSpendAsync(bytes.AsMemory(0, length), extensions, key, spent) switch
        {
            null => AuthenticateResult.Fail("The token does not verify."),
            SpendOutcome.Fresh => AuthenticateResult.Success(TicketFor(key, extensions)),
            SpendOutcome.AlreadySpent => AuthenticateResult.Fail("The token is spent."),
            _ => _unavailable,
        };
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var requirements = await TokenDemand.RequirementsAsync(Context);
        var fields = keys.Of(Scheme.Name).FieldsFor((issuer, type) => requirements.All(required => required.Takes(issuer, type)));
        // Only looked at: a challenge must not spend what was not asked for before.
        if (ReferenceEquals(_result, _unavailable) || fields.Count == 0)
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            Response.Headers.RetryAfter = "1";
            return;
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        foreach (var field in fields) Response.Headers.Append("WWW-Authenticate", field);
    }

    private (TokenStanding Standing, AcceptedKey? Key, SpentToken Spent) Examine(ReadOnlySpan<byte> bytes)
    {
        if (!TokenView.TryRead(bytes, out var token)) return (TokenStanding.UnsupportedType, null, default);
        var standing = keys.Of(Scheme.Name).Examine(token, keys.Time.GetUtcNow(), out var key);
        return (standing, key, key is null ? default : SpentToken.Of(token, key.Expires));
    }

    /// <summary>A store over the network is asked first: a replay then costs no signature check. Null for a token that does not verify.</summary>
    private async ValueTask<SpendOutcome?> VerifyAndSpendAsync(ReadOnlyMemory<byte> bytes, TokenExtensions? extensions, AcceptedKey key, SpentToken spent)
    {
        try
        {
            if (store.LooksUpFirst && await store.LookUpAsync(spent, Context.RequestAborted) is not SpendOutcome.Fresh and var known) return known;
            return TokenView.TryRead(bytes.Span, out var token) && key.Verifier.Verify(extensions is null ? token : token.WithExtensions(extensions.Encoded.Span)) ? await store.SpendAsync(spent, Context.RequestAborted) : null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogStoreFailed(Logger, e);
            return SpendOutcome.Unavailable;
        }
    }

    private AuthenticationTicket TicketFor(AcceptedKey key, TokenExtensions? extensions)
    {
        List<Claim> claims = [new(PrivateTokenDefaults.IssuerClaim, key.Issuer), new(PrivateTokenDefaults.TypeClaim, ((int)key.Type).ToString(CultureInfo.InvariantCulture))];
        if (extensions is not null && extensions.TryGetGeoHint(out var hint) && hint is not null) claims.Add(new Claim(PrivateTokenDefaults.GeoHintClaim, hint));
        return new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name)), Scheme.Name);
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "Spending a token failed; the request is refused")]
    private static partial void LogStoreFailed(ILogger logger, Exception exception);
}
