namespace PrivacyPass.Tests;

public sealed class VerifierConcurrencyTests
{
    public static TheoryData<TokenType> Types => TokenCryptographyTests.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void One_verifier_serves_many_threads_without_mixing_their_tokens(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var verifier = issuer.CreateVerifier();
        var good = Enumerable.Range(0, 4).Select(_ => IssuedToken.From(issuer)).ToArray();
        var wrong = 0;
        var threads = Enumerable.Range(0, 8).Select(number => new Thread(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                var token = (byte[])good[(i + number) % good.Length].Clone();
                if (!IssuedToken.Accepts(verifier, token)) Interlocked.Increment(ref wrong);
                token[^1] ^= 1;
                if (IssuedToken.Accepts(verifier, token)) Interlocked.Increment(ref wrong);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(0, wrong);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void One_issuer_and_one_client_serve_many_threads(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var verifier = issuer.CreateVerifier();
        var accepted = 0;
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using var pending = client.CreateRequest("challenge"u8);
            if (IssuedToken.Accepts(verifier, pending.Finalize(issuer.Issue(pending.Request.Span)))) Interlocked.Increment(ref accepted);
        });
        Assert.Equal(32, accepted);
    }
}
