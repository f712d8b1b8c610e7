using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>A small HTTP/1.1 CONNECT proxy that challenges, verifies with real cryptography and spends each token once. It dials loopback whatever the host.</summary>
internal sealed class FakeProxy : IAsyncDisposable
{
    private readonly TokenGate _gate;
    private readonly X509Certificate2? _certificate;
    private readonly LoopbackServer _server;

    public FakeProxy(TokenMint? mint = null, X509Certificate2? certificate = null)
    {
        _gate = new TokenGate(mint);
        _certificate = certificate;
        _server = new LoopbackServer(ServeAsync);
    }

    public Uri Url => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_server.Port}");

    /// <summary>Every CONNECT as read: authority, then fields.</summary>
    public ConcurrentQueue<(string Authority, string? Authorization, string Head)> Requests { get; } = [];

    /// <inheritdoc cref="TokenGate.Spent"/>
    public ConcurrentDictionary<string, bool> Spent => _gate.Spent;

    public string? PresharedKey { get => _gate.PresharedKey; set => _gate.PresharedKey = value; }

    /// <inheritdoc cref="TokenGate.RefuseAll"/>
    public bool RefuseAll { get => _gate.RefuseAll; set => _gate.RefuseAll = value; }

    /// <summary>Runs before each challenge is made.</summary>
    public Action Challenging { get; set; } = () => { };

    /// <summary>Answers with this head in place of dialling.</summary>
    public string? FixedAnswer { get; set; }

    /// <summary>Sent right after the 200, in the same write.</summary>
    public byte[] Greeting { get; set; } = [];

    /// <summary>Connections taken, whatever came of them.</summary>
    public int Accepted => _server.Accepted;

    public int Refusals => Requests.Count - Spent.Count;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        if (_certificate is null)
        {
            await using var plain = new NetworkStream(socket);
            await ServeAsync(plain, plain, () => Task.Run(() => socket.Shutdown(SocketShutdown.Send), cancellationToken), cancellationToken);
            return;
        }

        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, cancellationToken);
        await ServeAsync(tls, tls, tls.ShutdownAsync, cancellationToken);
    }

    /// <summary>One connection whose two directions are given, and how to end the one to the client.</summary>
    public async Task ServeAsync(Stream input, Stream output, Func<Task> endAsync, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(input, cancellationToken);
        if (head is null) return;
        var lines = head.Split("\r\n");
        var authority = lines[0].Split(' ')[1];
        var authorization = lines.FirstOrDefault(line => line.StartsWith("Proxy-Authorization: ", StringComparison.Ordinal))?["Proxy-Authorization: ".Length..];
        Requests.Enqueue((authority, authorization, head));
        if (!_gate.Admits(authorization))
        {
            Challenging();
            await WriteAsync(output, $"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: {_gate.Challenge}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", cancellationToken);
            return;
        }

        if (FixedAnswer is { } answer)
        {
            await WriteAsync(output, answer, cancellationToken);
            return;
        }

        using var origin = new TcpClient();
        await origin.ConnectAsync(IPAddress.Loopback, int.Parse(authority.AsSpan(authority.LastIndexOf(':') + 1)), cancellationToken);
        await output.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n\r\n").Concat(Greeting).ToArray(), cancellationToken);
        await PumpAsync(input, output, endAsync, origin, cancellationToken);
    }

    private static async Task PumpAsync(Stream input, Stream output, Func<Task> endAsync, TcpClient origin, CancellationToken cancellationToken)
    {
        await using var far = origin.GetStream();
        var up = Task.Run(async () =>
        {
            await input.CopyToAsync(far, cancellationToken);
            origin.Client.Shutdown(SocketShutdown.Send);
        }, cancellationToken);
        await far.CopyToAsync(output, cancellationToken);
        await endAsync();
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
