using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using PrivacyPass;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Ends TLS in front of a proxy and keeps all that the proxy can see of its clients: their addresses, and every byte before and after decryption.</summary>
internal sealed partial class HopRecorder : IAsyncDisposable
{
    private readonly TcpOrigin _front;
    private readonly ConcurrentQueue<IPAddress> _peers = [];

    /// <param name="proxy">Its cleartext port.</param>
    /// <param name="certificate">What clients of the proxy trust.</param>
    public HopRecorder(Uri proxy, X509Certificate2 certificate) => _front = new TcpOrigin((socket, stop) => ServeAsync(socket, proxy, certificate, stop));

    public int Port => _front.Port;

    /// <summary>Connections from clients.</summary>
    public int Connections => _front.Accepted;

    /// <summary>Where clients connect from.</summary>
    public IEnumerable<IPAddress> Peers => _peers.Distinct();

    /// <summary>What clients send as it is on the network, and so what the hop before sends out.</summary>
    public RecordedBytes Wire { get; } = new();

    /// <summary>What the proxy reads from clients once it has decrypted it.</summary>
    public RecordedBytes Requests { get; } = new();

    /// <summary>Where the proxy was asked to go.</summary>
    public IEnumerable<string> Targets => TargetPattern().Matches(Requests.Text).Select(match => $"{match.Groups["host"].Value}:{match.Groups["port"].Value}").Distinct();

    /// <summary>The tokens it was paid with.</summary>
    public IReadOnlyList<string> Tokens => [.. TokenPattern().Matches(Requests.Text).Select(match => match.Groups["token"].Value).Distinct()];

    /// <summary>The issuer keys of those tokens.</summary>
    public IEnumerable<TokenKeyId> Keys => Tokens.Select(KeyOf).Distinct();

    /// <summary>Whether the proxy can have read a text, or its client's network.</summary>
    public bool Saw(string text) => Contains(Requests, text) || Contains(Wire, text);

    public ValueTask DisposeAsync() => _front.DisposeAsync();

    private static bool Contains(RecordedBytes bytes, string text) => bytes.Text.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static TokenKeyId KeyOf(string token)
    {
        Assert.True(TokenView.TryRead(Credentials.Decode(token), out var read));
        return read.KeyId;
    }

    private async Task ServeAsync(Socket socket, Uri proxy, X509Certificate2 certificate, CancellationToken stop)
    {
        _peers.Enqueue(((IPEndPoint)socket.RemoteEndPoint!).Address);
        try
        {
            await using var client = new SslStream(new RecordingStream(new NetworkStream(socket), Wire));
            var options = new SslServerAuthenticationOptions { ServerCertificate = certificate, ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] };
            await client.AuthenticateAsServerAsync(options, stop);
            using var behind = new TcpClient();
            await behind.ConnectAsync(proxy.Host, proxy.Port, stop);
            await using var server = behind.GetStream();
            await using var requests = new RecordingStream(client, Requests);
            await Task.WhenAll(
                PassAsync(requests, server, () => Task.Run(() => behind.Client.Shutdown(SocketShutdown.Send), stop), stop),
                PassAsync(server, client, client.ShutdownAsync, stop));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client or the proxy went away.
        }
    }

    private static async Task PassAsync(Stream from, Stream to, Func<Task> endAsync, CancellationToken stop)
    {
        await from.CopyToAsync(to, stop);
        await endAsync();
    }

    [GeneratedRegex(@"CONNECT (?<host>[^\s:]+):(?<port>\d+) HTTP/1\.1|/\.well-known/masque/tcp/(?<host>[^/]+)/(?<port>\d+)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TargetPattern();

    [GeneratedRegex(@"PrivateToken token=""?(?<token>[A-Za-z0-9_=-]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TokenPattern();
}
