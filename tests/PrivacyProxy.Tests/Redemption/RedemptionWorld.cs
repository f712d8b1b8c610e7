using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.Http;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memory;
using PrivacyProxy.Hosting;
using PrivacyProxy.Recording;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Tests.Configuration;

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

    public IssuerOptions IssuerOptions { get; } = new() { Name = Issuer, KeyLifetime = TimeSpan.FromDays(1), RemovalGrace = TimeSpan.FromHours(1) };
    private const string Results = "privacy_proxy_token_redemptions_total";

    private readonly MetricRecorder _recorder;

    public RedemptionWorld(ISpentTokenStore? store = null, bool loaded = true, params (string Key, string Value)[] settings)
    {
        Options = TestOptions.Of(new (string Key, string Value)[] { ("Name", Origin), ("Issuers:0:Name", Issuer), ("Issuers:0:Directory", "https://issuer.example/d"), ("Authentication:PresharedKeys:0", "other-key"), ("Authentication:PresharedKeys:1", PresharedKey) }.Concat(settings));
        Store = store ?? new MemorySpentTokenStore(10_000, Time);
        var identity = new ProxyIdentity(Options.Live);
        var authentication = Options.Of(static options => options.Authentication);
        Keys = new AcceptedKeySet(() => RedemptionServices.Challenges(identity, authentication.CurrentValue), Time);
        var metrics = new RedemptionMetrics(Keys, Time, Meter);
        _recorder = new MetricRecorder(Meter);
        Source = new IssuerKeys(IssuerOptions);
        Keys.SetIssuers([(IssuerOptions, Source)]);
        if (loaded) List(Rsa, Voprf);
        Redeemer = new Redeemer(
            Keys, new SpendSequence(Store, new SpentTokenMetrics(Meter), metrics, NullLogger<SpendSequence>.Instance), authentication, Options.Of(static options => options.SpentTokens),
            new Refusals(new Demand(Keys, authentication, identity), authentication), metrics, Time);
    }

    /// <summary>Redemptions counted so far.</summary>
    public long CountedInAll => _recorder.Sum(Results);

    public static ITokenIssuer Rsa => _rsa.Value;

    public static ITokenIssuer OtherRsa => _otherRsa.Value;

    public static ITokenIssuer Voprf => _voprf.Value;

    public ProxyMeter Meter { get; } = new();

    public TestOptions Options { get; }

    public FakeTimeProvider Time { get; } = TestTokens.Clock();

    public ISpentTokenStore Store { get; }

    public AcceptedKeySet Keys { get; }

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
        Meter.Dispose();
        Options.Dispose();
        await Store.DisposeAsync();
    }
}
