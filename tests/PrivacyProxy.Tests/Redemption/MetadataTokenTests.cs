using PrivacyPass;
using PrivacyPass.Http;
using PrivacyProxy.Requests;
using PrivacyProxy.Testing.Keys;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>Tokens of type 0xDA7A: they are worth what their extensions say, and say where their bearer is.</summary>
public sealed class MetadataTokenTests : IAsyncDisposable
{
    private static readonly Lazy<ITokenIssuer> _issuer = new(static () => TokenCryptography.ImportIssuer(TokenType.PartiallyBlindRsa2048, SafePrimeKey.Pkcs8));
    private static readonly TimeSpan _precision = TimeSpan.FromMinutes(15);
    private readonly RedemptionWorld _world = new();

    public MetadataTokenTests() => _world.List(RedemptionWorld.Rsa, _issuer.Value);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_token_is_taken_once_before_its_expiration_and_names_its_country()
    {
        var header = Header(Expiring(1), TokenExtension.GeoHint("US,US-AL,ALABASTER"));
        Assert.Equal("US", _world.Redeemer.CountryOf(new TunnelCredentials(header, default)));
        Assert.Equal(RedemptionResult.Accepted, await _world.RedeemAsync(header));
        Assert.Equal(RedemptionResult.AlreadySpent, await _world.RedeemAsync(header));
    }

    [Fact]
    public async Task Without_a_geographic_hint_and_for_other_types_there_is_no_country()
    {
        var header = Header(Expiring(1));
        Assert.Null(_world.Redeemer.CountryOf(new TunnelCredentials(header, default)));
        Assert.Equal(RedemptionResult.Accepted, await _world.RedeemAsync(header));
        // What a client writes beside a token that is not bound to it says nothing.
        var other = PrivateTokenCredentials.Write(RedemptionWorld.Token(RedemptionWorld.Rsa), new TokenExtensions([TokenExtension.GeoHint("US,,")]));
        Assert.Null(_world.Redeemer.CountryOf(new TunnelCredentials(other, default)));
        Assert.Equal(RedemptionResult.Accepted, await _world.RedeemAsync(other));
    }

    [Fact]
    public async Task A_token_past_its_expiration_is_refused_and_counted_so()
    {
        var header = Header(Expiring(1));
        _world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(RedemptionResult.TokenExpired, await _world.RedeemAsync(header));
        Assert.Equal(1, _world.Counted("token_expired"));
        Assert.Equal(RedemptionResult.TokenExpired, await _world.RedeemAsync(Header(new TokenExtension(TokenExtension.ExpirationType, new byte[3]))));
    }

    [Fact]
    public async Task With_other_extensions_than_it_was_issued_with_or_none_a_token_is_worth_nothing()
    {
        var (token, extensions) = Issue(Expiring(1), TokenExtension.GeoHint("US,US-AL,ALABASTER"));
        TokenExtensions moved = new([extensions.Items[0], TokenExtension.GeoHint("DE,DE-BE,BERLIN")]);
        Assert.Equal(RedemptionResult.InvalidToken, await _world.RedeemAsync(PrivateTokenCredentials.Write(token, moved)));
        Assert.Equal(RedemptionResult.InvalidToken, await _world.RedeemAsync(PrivateTokenCredentials.Write(token, new([Expiring(2), extensions.Items[1]]))));
        Assert.Equal(RedemptionResult.Malformed, await _world.RedeemAsync(PrivateTokenCredentials.Write(token)));
        Assert.Equal(RedemptionResult.Malformed, await _world.RedeemAsync($"{PrivateTokenCredentials.Write(token)}, extensions=\"AAUAAQ==\""));
        Assert.Equal(RedemptionResult.Malformed, await _world.RedeemAsync($"{PrivateTokenCredentials.Write(token)}, extensions=\"{new string('A', 4000)}\""));
        Assert.Equal(RedemptionResult.Accepted, await _world.RedeemAsync(PrivateTokenCredentials.Write(token, extensions)));
    }

    private TokenExtension Expiring(int hours) => TokenExtension.Expiration(_world.Time.GetUtcNow().AddHours(hours), _precision);

    private static string Header(params TokenExtension[] extensions)
    {
        var (token, signed) = Issue(extensions);
        return PrivateTokenCredentials.Write(token, signed);
    }

    private static (byte[] Token, TokenExtensions Extensions) Issue(params TokenExtension[] items)
    {
        var extensions = new TokenExtensions(items);
        using var client = (IExtendedTokenClient)TokenCryptography.CreateClient(TokenType.PartiallyBlindRsa2048, _issuer.Value.PublicKey.Span);
        using var pending = client.CreateRequest(RedemptionWorld.Challenge(TokenType.PartiallyBlindRsa2048).Encoded.Span, extensions);
        return (pending.Finalize(_issuer.Value.Issue(pending.Request.Span)), extensions);
    }
}
