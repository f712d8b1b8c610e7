using System.Text;
using PrivacyPass.Issuance;

namespace PrivacyPass.Tests.Issuance;

public sealed class IssuerDirectoryTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    /// <summary>The example of RFC 9578, section 4, with its trailing commas.</summary>
    private const string RfcExample =
        """
        {
            "issuer-request-uri": "https://issuer.example.net/request",
            "token-keys": [
              {
                "token-type": 2,
                "token-key": "MI==",
                "not-before": 1686913811,
              },
              {
                "token-type": 2,
                "token-key": "MQ==",
              },
            ]
        }
        """;

    [Fact]
    public void The_RFCs_example_is_read_with_its_trailing_commas()
    {
        // Its first key text, abbreviated there, has trailing bits: give it real ones.
        var directory = Parse(RfcExample.Replace("MI==", "MA==", StringComparison.Ordinal));

        Assert.Equal("https://issuer.example.net/request", directory.IssuerRequestUri);
        Assert.Equal(2, directory.TokenKeys.Count);
        Assert.Equal(2, directory.TokenKeys[0].TokenType);
        Assert.Equal("0"u8.ToArray(), directory.TokenKeys[0].TokenKey.ToArray());
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1686913811), directory.TokenKeys[0].NotBefore);
        Assert.Null(directory.TokenKeys[1].NotBefore);
        Assert.Equal(TokenKeyId.Of("1"u8), directory.TokenKeys[1].KeyId);
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
    public void Keys_of_unsupported_types_are_kept_when_readable_and_ignored_when_not()
    {
        var directory = Parse(
            """
            {"issuer-request-uri":"/r","x":{"y":[1]},"token-keys":[
              {"token-type":5,"token-key":"AQ"},
              {"token-type":58796,"token-key":{"x":1}},
              {"token-type":55930,"token-key":"+"},
              {"token-type":2,"token-key":"Ag","unknown":null,"not-before":null}]}
            """);

        Assert.Equal([(ushort)5, (ushort)2], directory.TokenKeys.Select(k => k.TokenType));
        Assert.Equal([2], directory.TokenKeys[1].TokenKey.ToArray());
    }

    [Theory]
    [InlineData("", IssuerDirectoryError.NotJson)]
    [InlineData("[]", IssuerDirectoryError.NotJson)]
    [InlineData("<html>", IssuerDirectoryError.NotJson)]
    [InlineData("""{"token-keys":[]}""", IssuerDirectoryError.BadRequestUri)]
    [InlineData("""{"issuer-request-uri":7,"token-keys":[]}""", IssuerDirectoryError.BadRequestUri)]
    [InlineData("""{"issuer-request-uri":"","token-keys":[]}""", IssuerDirectoryError.BadRequestUri)]
    [InlineData("""{"issuer-request-uri":"file:///etc/passwd","token-keys":[]}""", IssuerDirectoryError.BadRequestUri)]
    [InlineData("""{"issuer-request-uri":"\ud800","token-keys":[]}""", IssuerDirectoryError.NotJson)]
    [InlineData("""{"issuer-request-uri":"/r"}""", IssuerDirectoryError.NoTokenKeys)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":{}}""", IssuerDirectoryError.NoTokenKeys)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[1]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-key":"AQ=="}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":"2","token-key":"AQ=="}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":65536,"token-key":"AQ=="}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":""}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"AR=="}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"+/+/"}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"AQ==","not-before":"now"}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"AQ==","not-before":1.5}]}""", IssuerDirectoryError.BadTokenKey)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"AQ==","not-after":9223372036854775807}]}""", IssuerDirectoryError.BadTokenKey)]
    public void What_is_no_directory_is_refused_with_its_reason(string json, IssuerDirectoryError reason)
    {
        Assert.Equal(reason, IssuerDirectory.TryParse(Encoding.UTF8.GetBytes(json), out var directory));
        Assert.Null(directory);
    }

    [Fact]
    public void Size_and_number_of_keys_are_bounded()
    {
        var key = new IssuerDirectoryKey(2, new byte[] { 1 });
        var full = new IssuerDirectory("/r", Enumerable.Repeat(key, IssuerDirectory.MaxKeys)).WriteJson();
        var overfull = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(full).Replace("[{", """[{"token-type":2,"token-key":"AQ=="},{""", StringComparison.Ordinal));

        Assert.Equal(IssuerDirectoryError.None, IssuerDirectory.TryParse(full, out _));
        Assert.Equal(IssuerDirectoryError.TooManyKeys, IssuerDirectory.TryParse(overfull, out _));
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

    private static IssuerDirectory Parse(string json)
    {
        Assert.Equal(IssuerDirectoryError.None, IssuerDirectory.TryParse(Encoding.UTF8.GetBytes(json), out var directory));
        return directory!;
    }
}
