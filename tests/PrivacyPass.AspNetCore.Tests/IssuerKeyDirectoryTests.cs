using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>Keys are added, retired and taken out from beside a running issuer.</summary>
public sealed class IssuerKeyDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly DateTimeOffset _now = TestKeys.Start;

    private IssuerKeyDirectory Keys => new(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_added_key_is_listed_and_issues()
    {
        var added = Keys.Add(TokenType.VoprfP384, _now, _now + TimeSpan.FromDays(1));
        var listed = Assert.Single(Keys.List());
        Assert.Equal((added.KeyId, _now, _now + TimeSpan.FromDays(1)), (listed.KeyId, listed.NotBefore, listed.NotAfter));
        using var ring = IssuerKeyRing.Open(new IssuerKeyRingOptions { Directory = _directory.Path, TokenTypes = { TokenType.VoprfP384 } }, TestKeys.Clock());
        Assert.Equal(added.KeyId, Assert.Single(ring.Keys).KeyId);
    }

    [Fact]
    public void A_key_that_was_exported_and_retired_can_be_imported_again()
    {
        var added = Keys.Add(TokenType.VoprfP384, _now, _now + TimeSpan.FromDays(1));
        var secret = Keys.ExportPrivateKey(added.KeyId)!;
        Assert.True(Keys.Retire(added.KeyId));
        Assert.Empty(Keys.List());
        Assert.Null(Keys.ExportPrivateKey(added.KeyId));
        Assert.False(Keys.Retire(added.KeyId));
        Assert.Equal(added.KeyId, Keys.Import(TokenType.VoprfP384, secret, _now, _now + TimeSpan.FromDays(2)).KeyId);
        Assert.Throws<IssuerKeyFileException>(() => Keys.Import(TokenType.VoprfP384, secret, _now, _now + TimeSpan.FromDays(2)));
        Assert.Throws<TokenIssuanceException>(() => Keys.Import(TokenType.BlindRsa2048, secret, _now, _now + TimeSpan.FromDays(2)));
    }

    [Fact]
    public void A_key_that_requests_could_not_tell_from_another_is_refused()
    {
        var first = Keys.Add(TokenType.VoprfP384, _now, _now + TimeSpan.FromDays(1));
        // One of 256 keys has the same last byte.
        while (true)
        {
            using var other = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
            if (other.KeyId.Truncated != first.KeyId.Truncated) continue;
            var error = Assert.Throws<IssuerKeyFileException>(() => Keys.Import(TokenType.VoprfP384, other.ExportPrivateKey(), _now, _now + TimeSpan.FromDays(1)));
            Assert.Contains("last byte", error.Message, StringComparison.Ordinal);
            return;
        }
    }

    [Fact]
    public void More_keys_than_requests_can_tell_apart_are_refused()
    {
        for (var i = 0; i < IssuerKeyRingOptions.MostLiveKeys; i++) Keys.Add(TokenType.VoprfP384, _now, _now + TimeSpan.FromDays(1));
        Assert.Throws<IssuerKeyFileException>(() => Keys.Add(TokenType.VoprfP384, _now, _now + TimeSpan.FromDays(1)));
    }

    [Fact]
    public void Times_that_are_no_span_and_types_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Keys.Add(TokenType.VoprfP384, _now, _now));
        Assert.Throws<ArgumentException>(() => Keys.Add(TokenType.VoprfP384, _now, _now + TimeSpan.FromDays(100_000)));
        Assert.Throws<ArgumentException>(() => Keys.Add((TokenType)0x7777, _now, _now + TimeSpan.FromDays(1)));
        Assert.Empty(Keys.List());
    }

    [Fact]
    public void A_directory_that_is_not_there_is_named_and_not_made()
    {
        var path = Path.Combine(_directory.Path, "absent");
        Assert.Contains(path, Assert.Throws<IssuerKeyFileException>(() => new IssuerKeyDirectory(path).List()).Message, StringComparison.Ordinal);
        Assert.Contains(path, Assert.Throws<IssuerKeyFileException>(() => new IssuerKeyDirectory(path).Add(TokenType.VoprfP384, _now, _now + TimeSpan.FromDays(1))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(path));
    }
}
