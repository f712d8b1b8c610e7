using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PrivacyPass.Issuance;
using PrivacyProxy.KeyLogs;
using TransparencyLog.Notes;
using TransparencyLog.Storage;

namespace PrivacyProxy.Tests.Auditing;

/// <summary>A server with a directory and a log beside it, which do what a test wants: honest or not.</summary>
internal sealed class LoggedIssuer : IAsyncDisposable
{
    public const string Name = "issuer.example";

    private readonly TemporaryDirectory _folder = new();
    private readonly WebApplication _server;
    private readonly TimeProvider _time;

    private LoggedIssuer(TimeProvider time, NoteSigner? signer)
    {
        _time = time;
        Signer = signer ?? NoteSigner.Generate(IssuerDirectoryLog.OriginOf(Name), NoteKeyKind.Note);
        Log = Shown = StoredLog.Open(_folder.Path, Signer, time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        _server = builder.Build();
        _server.Use((context, next) => KeyLogResponse.IsFor(context.Request) ? KeyLogResponse.SendAsync(context, Shown) : next(context));
        _server.Run(context => Directory is { } body ? context.Response.Body.WriteAsync(body).AsTask() : Fail(context));
    }

    public NoteSigner Signer { get; }

    public StoredLog Log { get; }

    /// <summary>The log that is served.</summary>
    public StoredLog Shown { get; set; }

    /// <summary>The directory that is served; null for 500.</summary>
    public byte[]? Directory { get; set; }

    public Uri Url => new(new Uri(_server.Urls.First()), IssuerDirectory.WellKnownPath);

    public Uri LogUrl => IssuerDirectoryLog.UrlOf(Url);

    public static async Task<LoggedIssuer> StartAsync(TimeProvider time, NoteSigner? signer = null)
    {
        var issuer = new LoggedIssuer(time, signer);
        await issuer._server.StartAsync();
        return issuer;
    }

    /// <summary>As an honest issuer does it: into the log, cosigned, then shown.</summary>
    public void Publish(byte[] directory, params NoteSigner[] cosigners)
    {
        Append(directory);
        Cosign(cosigners);
        Directory = directory;
    }

    public void Append(byte[] directory, string name = Name) => Log.Append(IssuerDirectoryLog.EncodeEntry(name, directory));

    public void Cosign(params NoteSigner[] cosigners) => Log.Publish(Log.Head, cosigners.Select(cosigner => cosigner.Sign(Log.Head.Text, _time.GetUtcNow())));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Log.Dispose();
        _folder.Dispose();
    }

    private static Task Fail(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return Task.CompletedTask;
    }
}
