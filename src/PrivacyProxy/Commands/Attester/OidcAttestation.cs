using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Attestation.Quotas;
using PrivacyProxy.Redemption.Certificates;

namespace PrivacyProxy.Commands.Attester;

/// <summary>
/// Knows clients by access tokens of an OpenID Connect provider, checked as ASP.NET Core's JwtBearer checks them. Neither a token nor a subject
/// reaches a log, and of the subject a keyed hash is kept.
/// </summary>
internal sealed partial class OidcAttestation : IAttestation, IDisposable
{
    private const int LongestToken = 16 * 1024;
    private const string Subject = "sub";

    // Signed with the provider's private key. What is symmetric, or "none", is not.
    private static readonly string[] _algorithms =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512];

    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(5);

    private readonly OidcSettings _settings;
    private readonly SocketsHttpHandler _http;
    private readonly JwtBearerOptions _options;
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };
    private readonly ILogger<OidcAttestation> _logger;
    private volatile bool _isAway;

    public OidcAttestation(AttesterSettings settings, ILogger<OidcAttestation> logger)
    {
        (_settings, _logger) = (settings.Oidc, logger);
        _http = new SocketsHttpHandler { UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (_settings.CaFile is { } file)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(AuthorityFile.Read(file));
            _http.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        _options = new JwtBearerOptions
        {
            Authority = _settings.Authority,
            Audience = _settings.Audience,
            BackchannelHttpHandler = _http,
            // Settings allow http to this machine only.
            RequireHttpsMetadata = false,
        };
        if (_settings.MetadataAddress is { } address) _options.MetadataAddress = address;
        if (_settings.KeysFile is { } keys) _options.Configuration = Known(keys);
        new JwtBearerPostConfigureOptions().PostConfigure(JwtBearerDefaults.AuthenticationScheme, _options);
        var parameters = _options.TokenValidationParameters;
        parameters.ValidAlgorithms = _algorithms;
        parameters.ClockSkew = _settings.ClockSkew;
    }

    public string Description => $"Tokens for subjects of {_settings.Authority} with an access token for {_settings.Audience}, each within its quota.";

    public bool ReadsAuthorization => true;

    public async ValueTask<Recognition> RecognizeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var authorization = context.Request.Headers.Authorization;
        if (!BearerAttestation.TryRead(authorization, LongestToken, out var presented)) return Refused("", "Send an access token in Authorization, as Bearer.");
        var token = presented.ToString();
        TokenValidationResult result;
        try
        {
            var parameters = _options.TokenValidationParameters.Clone();
            // Asked first, since without keys a token would only look badly signed.
            await _options.ConfigurationManager!.GetConfigurationAsync(cancellationToken);
            parameters.ConfigurationManager = (BaseConfigurationManager)_options.ConfigurationManager;
            result = await _tokens.ValidateTokenAsync(token, parameters);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            if (!_isAway) LogAway(e.GetBaseException().Message);
            _isAway = true;
            return Recognition.Refused(AttestationResult.Unavailable(_retry, "The provider of access tokens cannot be asked for its keys."));
        }

        _isAway = false;
        return result.IsValid ? Recognize((JsonWebToken)result.SecurityToken) : Refused(Invalid, result.Exception is SecurityTokenExpiredException ? "The access token has expired." : "The access token is not good here.");
    }

    public void Dispose()
    {
        _options.Backchannel?.Dispose();
        _http.Dispose();
    }

    private static string Invalid => " error=\"invalid_token\"";

    private Recognition Recognize(JsonWebToken token)
    {
        if (string.IsNullOrEmpty(token.Subject)) return Refused(Invalid, $"The access token has no {Subject}.");
        if (_settings.Scope is { } scope && !ScopesOf(token).Contains(scope, StringComparer.Ordinal)) return Recognition.Refused(AttestationResult.Forbidden("The access token lacks the scope."));
        return Recognition.Of(new TokenHolder("oidc", $"{token.Issuer}\0{token.Subject}", _settings.Quota, _settings.Window));
    }

    private static IEnumerable<string> ScopesOf(JsonWebToken token) =>
        token.Claims.Where(static claim => claim.Type is "scope" or "scp").SelectMany(static claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static Recognition Refused(string error, string reason) => Recognition.Refused(AttestationResult.Unauthenticated(BearerAttestation.Scheme + error, reason));

    private OpenIdConnectConfiguration Known(string file)
    {
        var keys = OidcKeys.Read(file);
        var configuration = new OpenIdConnectConfiguration { Issuer = _settings.Authority, JsonWebKeySet = keys };
        foreach (var key in keys.GetSigningKeys()) configuration.SigningKeys.Add(key);
        return configuration;
    }

    [LoggerMessage(EventId = 2997, Level = LogLevel.Error, Message = "The provider of access tokens cannot be asked for its keys, and its subjects get no tokens until it can: {Problem}")]
    private partial void LogAway(string problem);
}
