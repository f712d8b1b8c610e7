using System.Net;
using System.Security.Cryptography.X509Certificates;
using PrivacyPass.Http;
using PrivacyPass.Issuance;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;
using PrivacyRelay.Wallet;

namespace PrivacyProxy.Commands.Demo;

/// <summary>One request from a local program to an origin, step by step, and the token of one tunnel offered a second time.</summary>
internal sealed class DemoWalk(DemoServers servers, DemoScreen screen, DemoOptions options)
{
    private const int Tokens = 2;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <exception cref="Exception">A step failed and is on the screen already.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_patience * 3);
        await StartAsync(timeout.Token);
        await servers.BreakAsync(options.Break);
        await SpendAsync(timeout.Token);
        var url = options.Url ?? servers.Origin;
        await screen.StepAsync("A local program fetches through the relay", () => FetchAsync(url, timeout.Token));
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await screen.StepAsync("Issuer: makes its keys and listens", async () =>
        {
            await servers.StartIssuerAsync(cancellationToken);
            return $"{servers.Issuer}";
        });
        await screen.StepAsync("Proxy: TLS with a throw-away CA, trusts the issuer", async () =>
        {
            await servers.StartProxyAsync(cancellationToken);
            return $"{servers.Proxy}";
        });
        if (options.Url is null)
        {
            await screen.StepAsync("Origin: a small TLS site", async () =>
            {
                await servers.StartOriginAsync(cancellationToken);
                return $"{servers.Origin}";
            });
        }

        await screen.StepAsync("Relay: SOCKS5 and HTTP for local programs", () =>
        {
            servers.StartRelay();
            return Task.FromResult($"socks5://{servers.Relay}  http://{servers.Relay}");
        });
    }

    private async Task SpendAsync(CancellationToken cancellationToken)
    {
        var url = options.Url ?? servers.Origin;
        var destination = Destination.Create(url.IdnHost.Trim('[', ']'), url.Port) ?? throw new DemoFailedException($"{url} has no host to go to.");
        var proxy = new DemoProbe(servers.Proxy, new TrustPolicy(servers.ProxyRoots));
        ProxyChallenge challenge = null!;
        byte[] token = [];
        await screen.StepAsync("CONNECT without a token: the proxy challenges", async () =>
        {
            challenge = await proxy.ChallengeAsync(destination, servers.Issuer.Authority, cancellationToken);
            return $"407, asks for a token of type {(int)challenge.Challenge.Type} from {challenge.Challenge.IssuerName}";
        });
        await screen.StepAsync($"Tokens: {Tokens} blinded, signed by the issuer, unblinded", async () =>
        {
            token = (await IssueAsync(challenge, cancellationToken))[0];
            return $"{token.Length} bytes each; the issuer never saw them";
        });
        await screen.StepAsync("CONNECT with a token: redeemed, tunnel opened", async () =>
        {
            var answer = await proxy.ConnectAsync(destination, PrivateTokenCredentials.Write(token), cancellationToken);
            if (!answer.IsSuccess) throw new DemoFailedException($"The proxy answered {Describe(answer)} where it should have opened a tunnel.");
            return $"{answer.Status}, the token is spent";
        });
        await screen.StepAsync("The same token again: replay refused", async () =>
        {
            var answer = await proxy.ConnectAsync(destination, PrivateTokenCredentials.Write(token), cancellationToken);
            if (answer.Status != 407) throw new DemoFailedException($"The proxy answered {Describe(answer)} where it should have refused a spent token with 407.");
            return $"{answer.Status}, a token opens one tunnel and no second one";
        });
    }

    private async Task<IReadOnlyList<byte[]>> IssueAsync(ProxyChallenge challenge, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var issuer = new IssuerClient(http, new Uri(servers.Issuer, IssuerDirectory.WellKnownPath));
        return await issuer.RequestTokensAsync(challenge.Challenge, challenge.TokenKey, Tokens, cancellationToken);
    }

    private async Task<string> FetchAsync(Uri url, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { Proxy = new WebProxy($"socks5://{servers.Relay}"), UseProxy = true, AllowAutoRedirect = false };
        if (options.Url is null)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(servers.OriginAuthorityFile);
            handler.SslOptions.RemoteCertificateValidationCallback = new TrustPolicy(roots).Accepts;
        }

        using var client = new HttpClient(handler) { Timeout = _patience, MaxResponseContentBufferSize = 64 * 1024 * 1024 };
        using var answer = await client.GetAsync(url, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (options.Url is null && !text.Contains(DemoOrigin.Text, StringComparison.Ordinal))
            throw new DemoFailedException($"The origin answered {(int)answer.StatusCode} with another page than its own.");
        return $"{(int)answer.StatusCode}, {text.Length} characters, paid with a token from the relay's wallet";
    }

    private static string Describe(ConnectResponse answer) =>
        answer.ProxyStatus is { } status ? $"{answer.Status} ({status})" : $"{answer.Status}";
}
