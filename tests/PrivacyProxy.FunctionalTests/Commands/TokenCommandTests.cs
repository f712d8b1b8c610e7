using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyProxy.Commands.Token;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.FunctionalTests.Commands;

public sealed class TokenCommandTests
{
    private static readonly TrustPolicy _trust = new([]);

    [Fact]
    public async Task The_probe_finds_the_challenge_of_the_type_asked_for()
    {
        var one = new PrivateTokenChallenge(new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], "").Encoded, new byte[] { 1 });
        var two = new PrivateTokenChallenge(new TokenChallenge(TokenType.BlindRsa2048, "issuer.example", [], "").Encoded, new byte[] { 2 });
        var answer = $"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\", {one.Write()}\r\nProxy-Authenticate: {two.Write()}\r\n\r\n";

        var (first, _) = await AskAsync(answer, type: null);
        var (second, key) = await AskAsync(answer, TokenType.BlindRsa2048);

        Assert.Equal(TokenType.VoprfP384, first.Type);
        Assert.Equal(two.Challenge.ToArray(), second.Encoded.ToArray());
        Assert.Equal(new byte[] { 2 }, key!.Value.ToArray());
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "answered 200")]
    [InlineData("HTTP/1.1 407 No\r\n\r\n", "no PrivateToken challenge")]
    [InlineData("HTTP/1.1 407 No\r\nProxy-Authenticate: PrivateToken challenge=\"AAAA\"\r\n\r\n", "no PrivateToken challenge")]
    public async Task The_probe_says_what_is_wrong_with_an_answer(string answer, string expected)
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => AskAsync(answer, type: null));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("220 mail.example\r\n\r\n")]
    public async Task The_probe_says_when_it_met_no_HTTP_proxy(string answer) =>
        await Assert.ThrowsAsync<TunnelException>(() => AskAsync(answer, type: null));

    [Fact]
    public async Task A_challenge_for_another_server_is_not_answered()
    {
        var challenge = new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], "another.example");
        var answer = $"HTTP/1.1 407 No\r\nProxy-Authenticate: {new PrivateTokenChallenge(challenge.Encoded).Write()}\r\n\r\n";

        var error = await Assert.ThrowsAsync<FormatException>(() => AskAsync(answer, type: null));

        Assert.Contains("another.example", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--count", "soon")]
    [InlineData("--count", "0")]
    [InlineData("--type", "x")]
    [InlineData("--type", "3")]
    public async Task A_number_that_is_none_or_out_of_range_is_refused_by_name(string option, string value)
    {
        var result = await ChildProcess.RunProductAsync(["token", "request", "--issuer", "http://127.0.0.1:9", "--challenge", "AAAA", option, value]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{option} must be a number from 1", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not a token!")]
    public void Text_that_is_no_token_is_a_FormatException(string text) => Assert.Throws<FormatException>(() => TokenText.Parse(text));

    [Fact]
    public void Inspect_shows_every_field_of_a_token()
    {
        var token = new byte[TokenSizes.Token(TokenType.VoprfP384)];
        token[1] = 1;
        token.AsSpan(2, 32).Fill(0xAA);
        token.AsSpan(34, 32).Fill(0xBB);
        token.AsSpan(66, 32).Fill(0xCC);
        using var output = new StringWriter();

        TokenInspectCommand.Write(output, TokenText.Parse(PaddedBase64Url.Encode(token)));

        var text = output.ToString();
        Assert.Contains("1 (VOPRF P-384", text, StringComparison.Ordinal);
        Assert.Contains("146 bytes", text, StringComparison.Ordinal);
        Assert.Contains("nonce             aaaa", text, StringComparison.Ordinal);
        Assert.Contains("challenge digest  bbbb", text, StringComparison.Ordinal);
        Assert.Contains("token key id      cccc", text, StringComparison.Ordinal);
    }

    private static async Task<(TokenChallenge Challenge, ReadOnlyMemory<byte>? Key)> AskAsync(string answer, TokenType? type)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asking = ProxyProbe.AskAsync(new Uri($"http://{listener.LocalEndpoint}"), _trust, type, CancellationToken.None);
        using (var client = await listener.AcceptTcpClientAsync())
        {
            var request = new byte[1024];
            var length = await client.GetStream().ReadAsync(request);
            Assert.StartsWith("CONNECT challenge.invalid:443 HTTP/1.1\r\n", Encoding.ASCII.GetString(request, 0, length), StringComparison.Ordinal);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
        }

        return await asking;
    }
}
