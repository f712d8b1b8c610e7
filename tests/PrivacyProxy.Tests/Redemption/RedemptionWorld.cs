using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.SpentTokens.Memory;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Telemetry.Tracing;
using PrivacyProxy.Tests.Listeners;
using PrivacyProxy.Tests.SpentTokens;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>A redeemer with one issuer ("issuer.example", types 1 and 2), real tokens, and a clock of its own.</summary>
internal sealed class RedemptionWorld : IAsyncDisposable
{
    public const string Issuer = "issuer.example";
    public const string Origin = "proxy.example";
    public const string PresharedKey = "correct-horse";

    // Keys cost time to make; they are the same for all tests.
    private static readonly Lazy<ITokenIssuer> _rsa = new(static () => TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048));
    private static readonly Lazy<ITokenIssuer> _otherRsa = new(static () => TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048));
    private static readonly Lazy<ITokenIssuer> _voprf = new(static () => TokenCryptography.GenerateIssuer(TokenType.VoprfP384));

    private readonly IssuerOptions _issuerOptions = new() { Name = Issuer, KeyLifetime = TimeSpan.FromDays(1), RemovalGrace = TimeSpan.FromHours(1) };
    private const string Results = "privacy_proxy_token_redemptions_total";

    private readonly ProxyMetrics _metrics = new();
    private readonly MetricRecorder _recorder;

    public RedemptionWorld(ISpentTokenStore? store = null, bool loaded = true, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new (string Key, string Value)[] { ("Name", Origin), ("Issuers:0:Name", Issuer), ("Issuers:0:Directory", "https://issuer.example/d"), ("Authentication:PresharedKeys:0", "other-key"), ("Authentication:PresharedKeys:1", PresharedKey) }
                .Concat(settings).ToDictionary(pair => $"PrivacyProxy:{pair.Key}", pair => (string?)pair.Value)).Build();
        var options = new LiveOptions(configuration, NullLogger<LiveOptions>.Instance);
        _recorder = new MetricRecorder(_metrics);
        Store = store ?? new MemorySpentTokenStore(10_000, Time);
        Keys = new IssuerKeySet(new ProxyIdentity(options), Time);
        Source = new IssuerKeys(_issuerOptions);
        Keys.SetIssuers([(_issuerOptions, Source)]);
        if (loaded) List(Rsa, Voprf);
        Redeemer = new Redeemer(Keys, new SpendSequence(Store, NullLogger<SpendSequence>.Instance), options, new Refusals(Keys, options, new ProxyIdentity(options), _metrics), _metrics, Time);
    }

    /// <summary>Redemptions counted so far.</summary>
    public long CountedInAll => _recorder.Sum(Results);

    public static ITokenIssuer Rsa => _rsa.Value;

    public static ITokenIssuer OtherRsa => _otherRsa.Value;

    public static ITokenIssuer Voprf => _voprf.Value;

    public SettableTime Time { get; } = new();

    public ISpentTokenStore Store { get; }

    public IssuerKeySet Keys { get; }

    public IssuerKeys Source { get; }

    public Redeemer Redeemer { get; }

    /// <summary>What the issuer lists from now on.</summary>
    public void List(params ITokenIssuer[] issuers) =>
        Keys.Update(Source, [.. issuers.Select(issuer => new ListedKey(issuer.KeyId, null, null, issuer.CreateVerifier))]);

    public static TokenChallenge Challenge(TokenType type = TokenType.BlindRsa2048, string issuer = Issuer, string origin = Origin) => new(type, issuer, [], origin);

    public static byte[] Token(ITokenIssuer issuer, TokenChallenge? challenge = null)
    {
        using var client = TokenCryptography.CreateClient(issuer.Type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest((challenge ?? Challenge(issuer.Type)).Encoded.Span);
        return pending.Finalize(issuer.Issue(pending.Request.Span));
    }

    public static string Header(byte[] token) => PrivateTokenCredentials.Write(token);

    public ValueTask<RedemptionResult> RedeemAsync(StringValues proxyAuthorization, StringValues authorization = default, RequestTrace? trace = null) =>
        Redeemer.RedeemAsync(new TunnelCredentials(proxyAuthorization, authorization), trace, CancellationToken.None);

    /// <summary>Redemptions counted with this result.</summary>
    public long Counted(string result) => _recorder[$"{Results}{{result={result}}}"];

    public async ValueTask DisposeAsync()
    {
        Redeemer.Dispose();
        _metrics.Dispose();
        await Store.DisposeAsync();
    }
}
