using PrivacyPass.Http;
using PrivacyPass.Issuance;

namespace PrivacyPass.Tests;

public sealed class ReadmeExampleTests
{
    [Fact]
    public void The_readmes_example_issues_a_token_and_accepts_it()
    {
        // <example>
        // The issuer publishes its key.
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
        var directory = new IssuerDirectory("/token-request", [new((ushort)issuer.Type, issuer.PublicKey)]);

        // The origin asks for a token.
        var challenge = new TokenChallenge(TokenType.BlindRsa2048, "issuer.example", redemptionContext: default, originInfo: "origin.example");
        var authenticate = new PrivateTokenChallenge(challenge.Encoded, issuer.PublicKey).Write();

        // The client reads the challenge, and has a blinded request signed.
        var asked = PrivateTokenChallenge.ReadAll([authenticate])[0];
        var key = directory.SelectKey((TokenType)asked.TokenType, DateTimeOffset.UtcNow)!;
        using var client = TokenCryptography.CreateClient(TokenType.BlindRsa2048, key.TokenKey.Span);
        using var pending = client.CreateRequest(asked.Challenge.Span);
        var response = issuer.Issue(pending.Request.Span); // POST of application/private-token-request
        var authorization = PrivateTokenCredentials.Write(pending.Finalize(response));

        // The origin checks what came; then it must make sure that the token was not spent before.
        using var verifier = TokenCryptography.CreateVerifier(issuer.PublicKey.Span);
        var buffer = new byte[TokenSizes.LargestToken];
        var error = PrivateTokenCredentials.TryRead(authorization, buffer, out var length);
        var accepted = error == PrivateTokenError.None
            && TokenView.TryRead(buffer.AsSpan(0, length), out var token)
            && token.ChallengeDigest.SequenceEqual(challenge.Digest.Span)
            && token.KeyId == verifier.KeyId
            && verifier.Verify(token);
        // </example>

        Assert.True(accepted);
    }

    [Fact]
    public void The_readme_shows_the_code_of_this_test()
    {
        var source = Lines("ReadmeExampleTests.cs");
        var example = source.SkipWhile(line => line != "// <example>").Skip(1).TakeWhile(line => line != "// </example>").ToArray();
        var shown = Lines("README.md").SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```").ToArray();

        Assert.NotEmpty(example);
        Assert.Equal(example, shown);
    }

    private static IEnumerable<string> Lines(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Readme", file)).Select(line => line.Trim());
}
