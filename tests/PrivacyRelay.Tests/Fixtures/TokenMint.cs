using PrivacyPass;
using PrivacyRelay.Configuration;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>An issuer with real keys and no network: the relay's token source, and the keys of a <see cref="FakeProxy"/>.</summary>
internal sealed class TokenMint : ITokenSource, ITokenSourceFactory, IDisposable
{
    // Making an RSA key takes long, and no test needs one of its own.
    private static readonly Lazy<byte[]> _firstKey = new(NewKey);
    private static readonly Lazy<byte[]> _secondKey = new(NewKey);
    private readonly Lock _lock = new();
    private int _requests;
    private int _issued;

    public TokenMint(string issuerName = "issuer.example") =>
        (IssuerName, Issuer, Challenge) = (issuerName, TokenCryptography.ImportIssuer(TokenType.BlindRsa2048, _firstKey.Value), new TokenChallenge(TokenType.BlindRsa2048, issuerName, [], ""));

    public string IssuerName { get; }

    public ITokenIssuer Issuer { get; private set; }

    public TokenChallenge Challenge { get; private set; }

    public int Requests => Volatile.Read(ref _requests);

    public int Issued => Volatile.Read(ref _issued);

    public bool IsDown { get; set; }

    /// <summary>A new key and a new challenge, as after a rotation.</summary>
    public void Rotate()
    {
        lock (_lock)
        {
            Issuer = TokenCryptography.ImportIssuer(TokenType.BlindRsa2048, _secondKey.Value);
            Challenge = new TokenChallenge(TokenType.BlindRsa2048, IssuerName, Guid.NewGuid().ToByteArray().Concat(new byte[16]).ToArray(), "");
        }
    }

    /// <summary>Binds the challenge to an origin.</summary>
    public void ChallengeFor(string originInfo) => Challenge = new TokenChallenge(TokenType.BlindRsa2048, IssuerName, [], originInfo);

    public ITokenSource Create(HopOptions hop) => this;

    public Task<IReadOnlyList<HeldToken>> RequestAsync(ProxyChallenge challenge, int count, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        if (IsDown) throw new TokensUnavailableException("The issuer is down.");
        ITokenIssuer issuer;
        lock (_lock) issuer = Issuer;
        using var client = TokenCryptography.CreateClient(TokenType.BlindRsa2048, issuer.PublicKey.Span);
        var tokens = new List<HeldToken>();
        for (var i = 0; i < count; i++)
        {
            using var pending = client.CreateRequest(challenge.Challenge.Encoded.Span);
            tokens.Add(new HeldToken(pending.Finalize(issuer.Issue(pending.Request.Span))));
        }

        Interlocked.Add(ref _issued, count);
        return Task.FromResult<IReadOnlyList<HeldToken>>(tokens);
    }

    private static byte[] NewKey()
    {
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
        return issuer.ExportPrivateKey();
    }

    public void Dispose() => Issuer.Dispose();
}
