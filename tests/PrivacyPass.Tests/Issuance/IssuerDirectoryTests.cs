using System.Security.Cryptography;
using System.Text;
using PrivacyPass.Http;
using PrivacyPass.Issuance;

namespace PrivacyPass.Tests.Issuance;

public sealed class IssuerDirectoryTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private static readonly byte[] _rsa = PublicKey(TokenType.BlindRsa2048);
    private static readonly byte[] _voprf = PublicKey(TokenType.VoprfP384);

    [Fact]
    public void The_RFCs_example_is_read_with_its_trailing_commas()
    {
        // RFC 9578, section 4; real keys in the place of its abbreviated ones.
        var directory = Parse(
            $$"""
            {
                "issuer-request-uri": "https://issuer.example.net/request",
                "token-keys": [
                  {
                    "token-type": 2,
                    "token-key": "{{PaddedBase64Url.Encode(_rsa)}}",
                    "not-before": 1686913811,
                  },
                  {
                    "token-type": 1,
                    "token-key": "{{PaddedBase64Url.Encode(_voprf)}}",
                  },
                ]
            }
            """);

        Assert.Equal("https://issuer.example.net/request", directory.IssuerRequestUri);
        Assert.Equal(2, directory.TokenKeys.Count);
        Assert.Equal(2, directory.TokenKeys[0].TokenType);
        Assert.Equal(_rsa, directory.TokenKeys[0].TokenKey.ToArray());
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1686913811), directory.TokenKeys[0].NotBefore);
        Assert.Null(directory.TokenKeys[1].NotBefore);
        Assert.Equal(TokenKeyId.Of(_voprf), directory.TokenKeys[1].KeyId);
        Assert.Empty(directory.SkippedKeys);
    }

    /// <summary>What stands beside a good key, and whether it is named.</summary>
    public static TheoryData<string, string?> OddEntries => new()
    {
        { "1", "not an object" },
        { "null", "not an object" },
        { """["token-type",2]""", "not an object" },
        { """{"token-key":"AQ=="}""", "token-type is not an integer of two bytes" },
        { """{"token-type":"2","token-key":"AQ=="}""", "token-type is not an integer of two bytes" },
        { """{"token-type":65536,"token-key":"AQ=="}""", "token-type is not an integer of two bytes" },
        { """{"token-type":2.5,"token-key":"AQ=="}""", "token-type is not an integer of two bytes" },
        { """{"token-type":1e400,"token-key":"AQ=="}""", "token-type is not an integer of two bytes" },
        { """{"token-type":2}""", "token-key is not a text" },
        { """{"token-type":2,"token-key":null}""", "token-key is not a text" },
        { """{"token-type":2,"token-key":""}""", "token-key is not a text" },
        { """{"token-type":2,"token-key":"\udc00"}""", "token-key is not a text" },
        { """{"token-type":2,"token-key":"AR=="}""", "token-key is not canonical base64url" },
        { """{"token-type":2,"token-key":"+/+/"}""", "token-key is not canonical base64url" },
        { """{"token-type":2,"token-key":"AQ=="}""", "A type 2 public key has 342 bytes, this one has 1" },
        { $$"""{"token-type":2,"token-key":"{{PaddedBase64Url.Encode(RsaEncryptionKey())}}"}""", "A type 2 public key has 342 bytes, this one has 294" },
        { $$"""{"token-type":2,"token-key":"{{PaddedBase64Url.Encode(_voprf)}}"}""", "A type 2 public key has 342 bytes, this one has 49" },
        { $$"""{"token-type":1,"token-key":"{{PaddedBase64Url.Encode(new byte[49])}}"}""", "A public key of P384-SHA384 is 49 bytes of a compressed point of P-384" },
        { Rsa("\"not-before\":1700000000000"), "not-before is not a time in Unix seconds" },
        { Rsa("\"not-before\":\"now\""), "not-before is not a time in Unix seconds" },
        { Rsa("\"not-before\":1.5"), "not-before is not a time in Unix seconds" },
        { Rsa("\"not-before\":{}"), "not-before is not a time in Unix seconds" },
        { Rsa("\"not-after\":9223372036854775807"), "not-after is not a time in Unix seconds" },
        // Of types that are not ours nothing is known, so nothing is said.
        { """{"token-type":58796,"token-key":{"x":1}}""", null },
        { """{"token-type":55931,"token-key":"+"}""", null },
    };

    [Theory]
    [MemberData(nameof(OddEntries))]
    public void An_odd_entry_costs_only_itself_and_is_named(string entry, string? problem)
    {
        var directory = Parse($$"""{"issuer-request-uri":"/r","token-keys":[{{entry}},{{Rsa("\"unknown\":null")}},{{entry}}]}""");

        Assert.Equal([_rsa], directory.TokenKeys.Select(key => key.TokenKey.ToArray()));
        Assert.Equal(problem is null ? [] : [(0, problem), (2, problem)], directory.SkippedKeys.Select(key => (key.Index, key.Problem)));
    }

    [Theory]
    [InlineData("1.7e9")]
    [InlineData("1700000000.0")]
    [InlineData("17E8")]
    public void A_whole_number_is_one_however_it_is_written(string number)
    {
        var directory = Parse($$"""{"issuer-request-uri":"/r","token-keys":[{{Rsa($"\"not-before\":{number}").Replace("\"token-type\":2", "\"token-type\":20e-1", StringComparison.Ordinal)}}]}""");

        Assert.Equal(_now, Assert.Single(directory.TokenKeys).NotBefore);
    }

    [Theory]
    [InlineData("\ufeff", "")]
    [InlineData("/* keys of 2026 */", "// end")]
    [InlineData("", "\r\n ")]
    public void What_editors_leave_around_JSON_is_no_part_of_it(string before, string after) =>
        Assert.Single(Parse($$"""{{before}}{"issuer-request-uri":"/r","\ud800":1,"token-keys":[{{Rsa("\"a\":1")}}]}{{after}}""").TokenKeys);

    [Theory]
    [InlineData("""{"token-keys":[KEY]}""")]
    [InlineData("""{"issuer-request-uri":7,"token-keys":[KEY]}""")]
    [InlineData("""{"issuer-request-uri":"","token-keys":[KEY]}""")]
    [InlineData("""{"issuer-request-uri":"file:///etc/passwd","token-keys":[KEY]}""")]
    [InlineData("""{"issuer-request-uri":"\ud800","token-keys":[KEY]}""")]
    public void A_directory_that_says_no_place_for_requests_still_has_its_keys(string json)
    {
        var directory = Parse(json.Replace("KEY", Rsa("\"a\":1"), StringComparison.Ordinal));

        Assert.Null(directory.IssuerRequestUri);
        Assert.Single(directory.TokenKeys);
        Assert.Throws<ArgumentException>(() => directory.ResolveRequestUri(new Uri("https://issuer.example/")));
    }

    [Fact]
    public void A_directory_is_written_to_these_very_bytes()
    {
        var directory = new IssuerDirectory("/request?a=1&b=2", [new(1, new byte[] { 0xfb, 0xff }, _now, _now.AddDays(1)), new(2, new byte[] { 1 })]);

        Assert.Equal(
            """{"issuer-request-uri":"/request?a=1&b=2","token-keys":[{"token-type":1,"token-key":"-_8=","not-before":1700000000,"not-after":1700086400},{"token-type":2,"token-key":"AQ=="}]}""",
            Encoding.UTF8.GetString(directory.WriteJson()));
    }

    [Fact]
    public void Keys_of_unsupported_types_are_kept_when_readable()
    {
        var directory = Parse("""{"issuer-request-uri":"/r","x":{"y":[1]},"token-keys":[{"token-type":7,"token-key":"AQ"},{"token-type":6,"token-key":"Ag"}]}""");

        Assert.Equal([(ushort)7, (ushort)6], directory.TokenKeys.Select(k => k.TokenType));
        Assert.Equal([2], directory.TokenKeys[1].TokenKey.ToArray());
    }

    [Theory]
    [InlineData("", IssuerDirectoryError.NotJson)]
    [InlineData("[]", IssuerDirectoryError.NotJson)]
    [InlineData("<html>", IssuerDirectoryError.NotJson)]
    [InlineData("""{"issuer-request-uri":"/r"}""", IssuerDirectoryError.NoTokenKeys)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":{}}""", IssuerDirectoryError.NoTokenKeys)]
    public void What_is_no_directory_is_refused_with_its_reason(string json, IssuerDirectoryError reason)
    {
        Assert.Equal(reason, IssuerDirectory.TryParse(Encoding.UTF8.GetBytes(json), out var directory));
        Assert.Null(directory);
    }

    [Fact]
    public void Size_and_number_of_keys_are_bounded()
    {
        var key = new IssuerDirectoryKey(7, new byte[] { 1 });
        var full = Encoding.UTF8.GetString(new IssuerDirectory("/r", Enumerable.Repeat(key, IssuerDirectory.MaxKeys)).WriteJson());
        Assert.Equal(IssuerDirectory.MaxKeys, Parse(full).TokenKeys.Count);

        // The issuer lists the keys it prefers first, so it is the last that are left out.
        var overfull = Parse(full.Replace("}]", $"}},{Rsa("\"a\":1")}]", StringComparison.Ordinal));
        Assert.Equal(IssuerDirectory.MaxKeys, overfull.TokenKeys.Count);
        Assert.Equal(new SkippedDirectoryKey(IssuerDirectory.MaxKeys, 2, "more than 256 keys are listed"), Assert.Single(overfull.SkippedKeys));
        Assert.Equal(IssuerDirectoryError.TooLarge, IssuerDirectory.TryParse(new byte[IssuerDirectory.MaxSize + 1], out _));
        Assert.Throws<ArgumentException>(() => new IssuerDirectory("/r", Enumerable.Repeat(key, IssuerDirectory.MaxKeys + 1)));
        Assert.Throws<ArgumentException>(() => new IssuerDirectory("ftp://issuer.example/", []));
    }

    [Theory]
    [InlineData("/token-request", "https://issuer.example:8443/token-request")]
    [InlineData("request", "https://issuer.example:8443/.well-known/request")]
    [InlineData("?x=1", "https://issuer.example:8443/.well-known/private-token-issuer-directory?x=1")]
    [InlineData("https://other.example/r", "https://other.example/r")]
    [InlineData("//other.example/r", "https://other.example/r")]
    public void The_request_URI_is_resolved_against_the_directorys(string requestUri, string expected)
    {
        var directory = new IssuerDirectory(requestUri, []);

        Assert.Equal(new Uri(expected), directory.ResolveRequestUri(new Uri("https://issuer.example:8443" + IssuerDirectory.WellKnownPath)));
    }

    [Fact]
    public void The_request_URI_is_resolved_against_http_URIs_only()
    {
        Assert.Throws<ArgumentException>(() => new IssuerDirectory("r", []).ResolveRequestUri(new Uri("file:///directory")));
        Assert.Throws<ArgumentException>(() => new IssuerDirectory("r", []).ResolveRequestUri(new Uri("/directory", UriKind.Relative)));
    }

    [Fact]
    public void The_first_key_of_the_type_that_is_usable_now_is_selected()
    {
        var future = new IssuerDirectoryKey(2, new byte[] { 1 }, _now.AddSeconds(1));
        var expired = new IssuerDirectoryKey(2, new byte[] { 2 }, notAfter: _now);
        var otherType = new IssuerDirectoryKey(1, new byte[] { 3 });
        var current = new IssuerDirectoryKey(2, new byte[] { 4 }, _now, _now.AddSeconds(1));
        var always = new IssuerDirectoryKey(2, new byte[] { 5 });
        var directory = new IssuerDirectory("/r", [future, expired, otherType, current, always]);

        Assert.Same(current, directory.SelectKey(TokenType.BlindRsa2048, _now));
        Assert.Same(otherType, directory.SelectKey(TokenType.VoprfP384, _now));
        Assert.Same(future, directory.SelectKey(TokenType.BlindRsa2048, _now.AddSeconds(1)));
        Assert.Null(new IssuerDirectory("/r", [future]).SelectKey(TokenType.BlindRsa2048, _now));
    }

    [Fact]
    public void Keys_are_equal_when_their_bytes_are()
    {
        var key = new IssuerDirectoryKey(2, new byte[] { 1 }, _now);

        Assert.Equal(key, new IssuerDirectoryKey(2, new byte[] { 1 }, _now.AddMilliseconds(1)));
        Assert.NotEqual(key, new IssuerDirectoryKey(2, new byte[] { 2 }, _now));
        Assert.NotEqual(key, new IssuerDirectoryKey(2, new byte[] { 1 }));
    }

    private static string Rsa(string members) => $$"""{"token-type":2,"token-key":"{{PaddedBase64Url.Encode(_rsa)}}",{{members}}}""";

    private static byte[] PublicKey(TokenType type)
    {
        using var issuer = TokenCryptography.GenerateIssuer(type);
        return issuer.PublicKey.ToArray();
    }

    private static byte[] RsaEncryptionKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportSubjectPublicKeyInfo();
    }

    private static IssuerDirectory Parse(string json)
    {
        Assert.Equal(IssuerDirectoryError.None, IssuerDirectory.TryParse(Encoding.UTF8.GetBytes(json), out var directory));
        return directory!;
    }
}
