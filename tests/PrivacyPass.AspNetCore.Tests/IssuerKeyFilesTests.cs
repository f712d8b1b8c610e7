using System.Text.RegularExpressions;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>A ring's files: damaged, shared with other issuers, changed from outside, sealed by a vault.</summary>
public sealed class IssuerKeyFilesTests : KeyRingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"format":2,"token-type":2,"token-key-id":"","not-before":1,"not-after":2,"private-key":""}""")]
    [InlineData("""{"format":1,"token-type":7,"token-key-id":"","not-before":1,"not-after":2,"private-key":""}""")]
    [InlineData("""{"format":1,"token-type":2,"token-key-id":"","not-before":2,"not-after":1,"private-key":""}""")]
    [InlineData("""{"format":1,"token-type":2,"token-key-id":"","not-before":1,"not-after":2,"private-key":"AAAA"}""")]
    [InlineData("""{"format":1,"token-type":1,"token-key-id":"","not-before":1,"not-after":2,"private-key":"AAAA"}""")]
    public void A_corrupt_key_file_stops_the_start_with_its_name_and_is_left_alone(string content)
    {
        var path = Path.Combine(Folder.Path, "broken.key.json");
        File.WriteAllText(path, content);

        var error = Assert.Throws<IssuerKeyFileException>(() => Open());

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void A_key_file_whose_key_was_exchanged_stops_the_start()
    {
        using (Open(TokenType.VoprfP384))
        {
        }

        var path = Assert.Single(KeyFiles());
        var json = File.ReadAllText(path);
        var id = Path.GetFileName(path).Split('-', '.')[1];
        File.WriteAllText(path, json.Replace(id, new string('0', 16), StringComparison.Ordinal));

        var error = Assert.Throws<IssuerKeyFileException>(() => Open());

        Assert.Contains("does not belong", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_half_written_file_of_a_crash_is_no_key()
    {
        File.WriteAllText(Path.Combine(Folder.Path, "type2-00.key.json.tmp"), "{");
        using var ring = Open(TokenType.VoprfP384);
        Assert.NotEmpty(ring.Keys);
    }

    [Fact]
    public void Two_issuers_on_one_directory_have_the_same_keys_and_make_each_new_one_once()
    {
        using var first = Open(TokenType.VoprfP384);
        using var second = Open(TokenType.VoprfP384);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(first.Keys.Select(static key => key.KeyId), second.Keys.Select(static key => key.KeyId));
            Time.SetUtcNow((i % 2 == 0 ? first : second).Rotate());
            (i % 2 == 0 ? second : first).Rotate();
            (i % 2 == 0 ? first : second).Rotate();
        }

        Assert.Equal(first.Keys.Count, KeyFiles().Length);
    }

    [Fact]
    public async Task Many_issuers_that_start_at_once_make_one_key()
    {
        var rings = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Open(TokenType.VoprfP384))));
        Assert.Single(rings.SelectMany(static ring => ring.Keys).Select(static key => key.KeyId).Distinct());
        foreach (var ring in rings) ring.Dispose();
    }

    [Fact]
    public void A_key_that_is_added_or_retired_from_outside_is_noticed()
    {
        using var ring = Open(TokenType.VoprfP384);
        var old = ring.Keys[0];
        var directory = new IssuerKeyDirectory(Folder.Path);
        Assert.False(ring.HasChanged);

        var added = directory.Add(TokenType.VoprfP384, Time.GetUtcNow(), Time.GetUtcNow() + TimeSpan.FromDays(60));
        Assert.True(ring.HasChanged);
        ring.Rotate();
        Assert.False(ring.HasChanged);
        Assert.Equal(new HashSet<TokenKeyId> { added.KeyId, old.KeyId }, ring.Keys.Select(static key => key.KeyId).ToHashSet());

        Assert.True(directory.Retire(old.KeyId));
        ring.Rotate();
        Assert.Equal([added.KeyId], ring.Keys.Select(static key => key.KeyId));
        Assert.Null(ring.Find(old.Type, old.KeyId.Truncated));
    }

    /// <summary>Two files that are written within a tick of the system's clock have one time.</summary>
    [Fact]
    public void A_key_file_that_is_written_anew_with_the_same_size_and_time_is_noticed()
    {
        using var ring = Open(TokenType.VoprfP384);
        var file = Assert.Single(KeyFiles());
        var written = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, Regex.Replace(File.ReadAllText(file), "(?<=\"not-after\": *)1", "2", RegexOptions.None, TimeSpan.FromSeconds(10)));
        File.SetLastWriteTimeUtc(file, written);
        Assert.True(ring.HasChanged);
        var before = ring.Keys[0].NotAfter;
        ring.Rotate();
        Assert.True(ring.Keys[0].NotAfter > before);
    }

    [Fact]
    public void When_the_key_in_use_is_retired_there_is_another_at_once_even_if_the_next_is_published()
    {
        using var ring = Open(TokenType.VoprfP384);
        Time.Advance(TimeSpan.FromDays(29));
        ring.Rotate();
        Assert.Equal(2, ring.Keys.Count);

        new IssuerKeyDirectory(Folder.Path).Retire(ring.Keys[0].KeyId);
        ring.Rotate();

        Assert.Equal(2, ring.Keys.Count);
        Assert.Equal(Time.GetUtcNow(), ring.Keys[0].NotBefore);
    }

    [Fact]
    public void Who_found_a_key_before_it_was_retired_still_gets_a_token()
    {
        using var ring = Open(TokenType.VoprfP384);
        var found = ring.Keys[0];
        using var client = TokenCryptography.CreateClient(found.Type, found.PublicKey.Span);
        using var pending = client.CreateRequest(new TokenChallenge(found.Type, "issuer.example", [], "").Encoded.Span);
        new IssuerKeyDirectory(Folder.Path).Retire(found.KeyId);
        for (var i = 0; i < 3; i++) ring.Rotate();

        Assert.NotEmpty(pending.Finalize(found.Issue(pending.Request.Span)));
        Time.Advance(TimeSpan.FromMinutes(11));
        ring.Rotate();
        Assert.Throws<ObjectDisposedException>(() => found.Issue(pending.Request.Span));
    }

    [Fact]
    public void A_file_that_is_damaged_while_the_issuer_runs_is_named_and_the_keys_stay()
    {
        using var ring = Open(TokenType.VoprfP384);
        var keys = ring.Keys;
        var path = Path.Combine(Folder.Path, "copied-by-half.key.json");
        File.WriteAllText(path, "{");
        Assert.Contains(path, Assert.Throws<IssuerKeyFileException>(() => ring.Rotate()).Message, StringComparison.Ordinal);
        Assert.Equal(keys, ring.Keys);
        Assert.NotNull(ring.Find(keys[0].Type, keys[0].KeyId.Truncated));
    }

    [Fact]
    public void With_a_vault_the_files_hold_what_the_vault_seals_and_nothing_secret()
    {
        var vault = new ShelfVault();
        TokenKeyId id;
        using (var ring = Open(Configure)) id = ring.Keys[0].KeyId;
        var file = File.ReadAllText(Assert.Single(KeyFiles()));
        Assert.Contains(Convert.ToBase64String([0]), file, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(vault.Shelf[0].ExportPrivateKey()), file, StringComparison.Ordinal);
        using var again = Open(Configure);
        Assert.Equal(id, Assert.Single(again.Keys).KeyId);

        void Configure(IssuerKeyRingOptions options)
        {
            options.Vault = vault;
            options.TokenTypes.Add(TokenType.VoprfP384);
        }
    }

    [Fact]
    public void An_origin_loads_verifiers_while_the_issuer_runs()
    {
        TestKeys.CopyTo(Folder.Path);
        using var ring = Open();

        var verifiers = IssuerKeyRing.LoadVerifiers(Folder.Path, Time);

        Assert.Equal(
            ring.Keys.Select(key => (key.KeyId, key.NotAfter)).ToHashSet(),
            verifiers.Select(verifier => (verifier.Verifier.KeyId, verifier.NotAfter)).ToHashSet());
        foreach (var verifier in verifiers) verifier.Dispose();
    }

    [Fact]
    public void Verifiers_of_an_absent_directory_are_an_error_that_names_it()
    {
        var path = Path.Combine(Folder.Path, "absent");
        var error = Assert.Throws<IssuerKeyFileException>(() => IssuerKeyRing.LoadVerifiers(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    /// <summary>As hardware would: keys stay on the shelf, files hold their place on it.</summary>
    private sealed class ShelfVault : IIssuerKeyVault
    {
        public List<ITokenIssuer> Shelf { get; } = [];

        public ITokenIssuer Generate(TokenType type)
        {
            Shelf.Add(TokenCryptography.GenerateIssuer(type));
            return Copy(Shelf[^1]);
        }

        public byte[] Seal(ITokenIssuer issuer) => [(byte)Shelf.FindIndex(key => key.KeyId == issuer.KeyId)];

        public ITokenIssuer Open(TokenType type, ReadOnlySpan<byte> sealedKey) => Copy(Shelf[sealedKey[0]]);

        private static ITokenIssuer Copy(ITokenIssuer key) => TokenCryptography.ImportIssuer(key.Type, key.ExportPrivateKey());
    }
}
