using PrivacyProxy.Commands;

namespace PrivacyProxy.FunctionalTests.Commands;

public sealed class ErrorOutputTests
{
    [Theory]
    [InlineData("--proxy https://user:KEY@host:1", "--proxy https://***@host:1")]
    [InlineData("'https://KEY@host/path'", "'https://***@host/path'")]
    [InlineData("\"https://user:K/E@Y@host\"", "\"https://***@host\"")]
    [InlineData("'user:KEY@host:8443'.", "'***@host:8443'.")]
    [InlineData("--issuer=name=https://user:KEY@host", "--issuer=name=https://***@host")]
    [InlineData("--proxy=user:KEY@host", "--proxy=***@host")]
    [InlineData("a https://u:KEY@h/?k=KEY b", "a https://***@h/?*** b")]
    [InlineData("https://a:KEY@b https://c:KEY@d", "https://***@b https://***@d")]
    [InlineData("expected a URL such as https://proxy.example:8443 (what?)", "expected a URL such as https://proxy.example:8443 (what?)")]
    [InlineData("@file is no flag", "@file is no flag")]
    public void Credentials_of_urls_are_not_shown(string text, string expected) => Assert.Equal(expected, ErrorOutput.WithoutSecrets(text));
}
