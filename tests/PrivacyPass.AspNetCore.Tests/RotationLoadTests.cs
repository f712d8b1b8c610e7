using System.Net;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>A key rotates while a thousand tokens are on their way: asked for before it, issued and shown during and after it.</summary>
public sealed class RotationLoadTests
{
    private const int Tokens = 1_000;
    private const int Steps = 20;

    [Fact]
    public async Task No_valid_request_and_no_valid_token_is_refused_while_keys_rotate()
    {
        await using var issuer = await IssuerApplication.StartAsync(configure: options =>
        {
            options.Keys.TokenTypes.Add(TokenType.VoprfP384);
            options.MaxQueued = 2 * Tokens;
        });
        var old = issuer.Keys.Keys.Single(key => key.Type == TokenType.VoprfP384);
        var pending = Enumerable.Range(0, Tokens).Select(_ => issuer.CreateRequest(TokenType.VoprfP384)).ToList();

        // From before the next key is published to the last day of the old one.
        var issued = new List<Task<byte[]>>();
        for (var step = 0; step < Steps; step++)
        {
            issued.AddRange(pending.Skip(step * Tokens / Steps).Take(Tokens / Steps).Select(request => IssueAsync(issuer, request)));
            issuer.Time.Advance((old.NotAfter - TestKeys.Start - TimeSpan.FromHours(1)) / Steps);
            issuer.Keys.Rotate();
        }

        var tokens = await Task.WhenAll(issued);
        Assert.True(issuer.Keys.Keys.Count(key => key.Type == TokenType.VoprfP384) > 1);
        Assert.NotEqual(old.KeyId, issuer.Keys.Keys.First(key => key.Type == TokenType.VoprfP384).KeyId);
        // As a proxy verifies them that has loaded the keys just now.
        using var verifier = Assert.Single(IssuerKeyRing.LoadVerifiers(issuer.KeyDirectory, issuer.Time), found => found.Verifier.KeyId == old.KeyId);
        Assert.All(tokens, token => Assert.True(TokenView.TryRead(token, out var view) && verifier.Verifier.Verify(view)));
        Assert.True(verifier.NotAfter > issuer.Time.GetUtcNow());
    }

    private static async Task<byte[]> IssueAsync(IssuerApplication issuer, PendingToken pending)
    {
        using var answer = await issuer.PostAsync(pending.Request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using (pending) return pending.Finalize(await answer.Content.ReadAsByteArrayAsync());
    }
}
