using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>A small HTTP/1.1 CONNECT proxy that challenges, verifies with real cryptography and spends each token once. It dials loopback whatever the host.</summary>
internal sealed class FakeProxy : IAsyncDisposable
{
    private readonly TokenMint? _mint;
    private readonly X509Certificate2? _certificate;
    private readonly LoopbackServer _server;

    public FakeProxy(TokenMint? mint = null, X509Certificate2? certificate = null)
    {
        _mint = mint;
        _certificate = certificate;
        _server = new LoopbackServer(ServeAsync);
    }

    public Uri Url => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_server.Port}");

    /// <summary>Every CONNECT as read: authority, then fields.</summary>
    public ConcurrentQueue<(string Authority, string? Authorization, string Head)> Requests { get; } = [];

    /// <summary>Tokens accepted, by value.</summary>
    public ConcurrentDictionary<string, bool> Spent { get; } = [];

    public string? PresharedKey { get; set; }

    /// <summary>Refuses every token while it is set, with the challenge that stands.</summary>
    public bool RefuseAll { get; set; }

    /// <summary>Runs before each challenge is made.</summary>
    public Action Challenging { get; set; } = () => { };

    /// <summary>Answers with this head in place of dialling.</summary>
    public string? FixedAnswer { get; set; }

    /// <summary>Sent right after the 200, in the same write.</summary>
    public byte[] Greeting { get; set; } = [];

    public int Refusals => Requests.Count - Spent.Count;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        Stream stream = new NetworkStream(socket);
        if (_certificate is not null)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, cancellationToken);
            stream = tls;
        }

        var head = await ReadHeadAsync(stream, cancellationToken);
        if (head is null) return;
        var lines = head.Split("\r\n");
        var authority = lines[0].Split(' ')[1];
        var authorization = lines.FirstOrDefault(line => line.StartsWith("Proxy-Authorization: ", StringComparison.Ordinal))?["Proxy-Authorization: ".Length..];
        Requests.Enqueue((authority, authorization, head));
        if (!IsAuthorized(authorization))
        {
            Challenging();
            var challenge = _mint is null ? "Preshared" : new PrivateTokenChallenge(_mint.Challenge.Encoded, _mint.Issuer.PublicKey).Write();
            await WriteAsync(stream, $"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: {challenge}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", cancellationToken);
            return;
        }

        if (FixedAnswer is { } answer)
        {
            await WriteAsync(stream, answer, cancellationToken);
            return;
        }

        using var origin = new TcpClient();
        await origin.ConnectAsync(IPAddress.Loopback, int.Parse(authority.AsSpan(authority.LastIndexOf(':') + 1)), cancellationToken);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n\r\n").Concat(Greeting).ToArray(), cancellationToken);
        await PumpAsync(stream, socket, origin, cancellationToken);
    }

    private bool IsAuthorized(string? authorization)
    {
        if (PresharedKey is { } key) return authorization == "Preshared " + key;
        if (_mint is null) return true;
        if (RefuseAll || authorization is null) return false;
        var bytes = new byte[TokenSizes.LargestToken];
        if (PrivateTokenCredentials.TryRead(authorization, bytes, out var length) != PrivateTokenError.None) return false;
        using var verifier = _mint.Issuer.CreateVerifier();
        return TokenView.TryRead(bytes.AsSpan(0, length), out var token)
            && token.ChallengeDigest.SequenceEqual(_mint.Challenge.Digest.Span)
            && token.KeyId == verifier.KeyId
            && verifier.Verify(token)
            && Spent.TryAdd(Convert.ToHexString(token.Nonce), true);
    }

    private static async Task PumpAsync(Stream stream, Socket socket, TcpClient origin, CancellationToken cancellationToken)
    {
        await using var far = origin.GetStream();
        var up = Task.Run(async () =>
        {
            await stream.CopyToAsync(far, cancellationToken);
            origin.Client.Shutdown(SocketShutdown.Send);
        }, cancellationToken);
        await far.CopyToAsync(stream, cancellationToken);
        if (stream is SslStream tls) await tls.ShutdownAsync();
        else socket.Shutdown(SocketShutdown.Send);
        await up;
    }

    private static Task WriteAsync(Stream stream, string text, CancellationToken cancellationToken) =>
        stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken).AsTask();

    private static async Task<string?> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0) return null;
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
