using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands.Attester;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Commands.Services;
using PrivacyRelay.Issuance;

namespace PrivacyProxy.Tests.Attester;

/// <summary>Attesters and an issuer as their commands start them, in one folder.</summary>
internal sealed class AttesterSetup : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly List<StartedService> _services = [];

    public static TokenChallenge Challenge => new(TokenType.VoprfP384, "issuer.example", [], "");

    public string File(string name) => _folder.File(name);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services) await service.Application.DisposeAsync();
        _folder.Dispose();
    }

    public static HttpClient Client(StartedService service, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        if (certificate is not null) handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true);
        return new HttpClient(handler) { BaseAddress = new Uri(service.Urls[0]) };
    }

    public static async Task<IssuerDirectory> DirectoryAsync(HttpClient http)
    {
        IssuerDirectory.TryParse(await http.GetByteArrayAsync(new Uri(IssuerDirectory.WellKnownPath, UriKind.Relative)), out var directory);
        return directory!;
    }

    public static async Task<(HttpStatusCode Status, string Body)> GetAsync(StartedService service, string path)
    {
        using var http = Client(service, certificate: null);
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The relay's own client, which asks for a batch and then singly.</summary>
    public static async Task<(HttpStatusCode Status, int Tokens)> AskAsync(StartedService service, int count, string? bearer, X509Certificate2? certificate = null)
    {
        using var http = Client(service, certificate);
        if (bearer is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(http.BaseAddress!));
        try
        {
            return (HttpStatusCode.OK, (await client.RequestTokensAsync(Challenge, tokenKey: null, count, CancellationToken.None)).Count);
        }
        catch (IssuerException e) when (e.StatusCode is { } status)
        {
            return (status, e.Tokens.Count);
        }
    }

    public async Task<StartedService> StartIssuerAsync()
    {
        // The attester's certificate must be known first: it is made as at its first start.
        using var identity = AttesterIdentity.Load(new AttesterSettings { Data = _folder.File("attester") });
        Dictionary<string, string?> flags = new()
        {
            ["Urls"] = "https://127.0.0.1:0", ["Data"] = _folder.File("issuer"), ["TokenTypes"] = "1", ["Attester"] = "Separate",
            ["ClientThumbprints:0"] = identity.GetCertHashString(HashAlgorithmName.SHA256),
        };
        var (application, urls) = await IssuerHost.StartAsync(configFile: null, flags.Select(static flag => KeyValuePair.Create($"PrivacyIssuer:{flag.Key}", flag.Value)), CancellationToken.None);
        var service = new StartedService(application, urls, []);
        _services.Add(service);
        return service;
    }

    public async Task<StartedService> StartAttesterAsync(StartedService? issuer, params (string Key, string? Value)[] settings)
    {
        Dictionary<string, string?> flags = new() { ["Urls"] = "http://127.0.0.1:0", ["Data"] = _folder.File("attester"), ["Management"] = "none" };
        if (issuer is not null) (flags["Issuer:Url"], flags["Issuer:CaFile"]) = (issuer.Urls[0], _folder.File("issuer/ca.pem"));
        foreach (var (key, value) in settings) flags[key] = value;
        var service = await AttesterHost.StartAsync(configFile: null, flags.Select(static flag => KeyValuePair.Create($"PrivacyAttester:{flag.Key}", flag.Value)), CancellationToken.None);
        _services.Add(service);
        return service;
    }

    public async Task StopAsync(StartedService service)
    {
        _services.Remove(service);
        await service.Application.StopAsync();
        await service.Application.DisposeAsync();
    }
}
