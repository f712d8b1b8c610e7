using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary>Header values of real tokens of one issuer key, and of forged ones that differ in nothing but the signature.</summary>
internal sealed class TokenSupply
{
    private TokenSupply(ITokenIssuer issuer, string[] good, string[] forged) => (Issuer, Good, Forged) = (issuer, good, forged);

    public ITokenIssuer Issuer { get; }

    public IReadOnlyList<string> Good { get; }

    public IReadOnlyList<string> Forged { get; }

    /// <summary>Issues the tokens on all cores.</summary>
    /// <param name="type">1 or 2.</param>
    /// <param name="issuerName">In their challenge.</param>
    /// <param name="originInfo">In their challenge.</param>
    /// <param name="good">How many.</param>
    /// <param name="forged">How many.</param>
    /// <param name="made">Counts those that are there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static TokenSupply Make(TokenType type, string issuerName, string originInfo, int good, int forged, StrongBox<int>? made = null, CancellationToken cancellationToken = default)
    {
        var issuer = TokenCryptography.GenerateIssuer(type);
        var challenge = new TokenChallenge(type, issuerName, [], originInfo);
        var tokens = new byte[good][];
        Parallel.For(0, good, new ParallelOptions { CancellationToken = cancellationToken }, () => TokenCryptography.CreateClient(type, issuer.PublicKey.Span), (i, _, client) =>
        {
            using var pending = client.CreateRequest(challenge.Encoded.Span);
            tokens[i] = pending.Finalize(issuer.Issue(pending.Request.Span));
            if (made is not null) Interlocked.Increment(ref made.Value);
            return client;
        }, static client => client.Dispose());
        return new TokenSupply(issuer, [.. tokens.Select(static token => PrivateTokenCredentials.Write(token))],
            [.. Enumerable.Range(0, forged).Select(i => PrivateTokenCredentials.Write(Forge(tokens[i % good])))]);
    }

    /// <summary>Another nonce, and an authenticator that is a number below the modulus and nothing else: found out only at the end of the check.</summary>
    public static byte[] Forge(byte[] token)
    {
        var forged = (byte[])token.Clone();
        RandomNumberGenerator.Fill(forged.AsSpan(2, TokenSizes.Nonce));
        RandomNumberGenerator.Fill(forged.AsSpan(TokenSizes.AuthenticatorInput + 1));
        forged[TokenSizes.AuthenticatorInput] = 1;
        return forged;
    }
}
