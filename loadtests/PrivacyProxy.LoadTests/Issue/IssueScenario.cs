using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;
using PrivacyRelay.Issuance;

namespace PrivacyProxy.LoadTests.Issue;

/// <summary>A real issuer, and clients that ask it for tokens of each type: what they work on their side is done before and after.</summary>
internal sealed class IssueScenario(LoadScreen screen, IssueSettings settings)
{
    public static async Task<Report> ReportAsync(LoadScreen screen, IssueSettings settings, CancellationToken cancellationToken)
    {
        var result = await new IssueScenario(screen, settings).RunAsync(cancellationToken);
        return result.ToReport(settings);
    }

    /// <exception cref="IOException">The issuer does not start, or has no key of a type.</exception>
    /// <exception cref="TimeoutException">A type took too long.</exception>
    public async Task<IssueResult> RunAsync(CancellationToken cancellationToken)
    {
        using var data = new TemporaryDirectory();
        await using var own = settings.Issuer is null ? ChildProcess.StartProduct(["issuer", "--urls", "http://127.0.0.1:0", "--name", "issuer.example", "--data", data.Path, "--token-types", "2,1"]) : null;
        var directory = settings.Issuer ?? await ReadyAsync(own!);
        var processes = own is not null ? new ProcessTree([own.Id]) : settings.Pid is { } pid ? new ProcessTree([pid]) : null;
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = settings.Callers, UseProxy = false });
        var done = new List<IssuedType>();
        foreach (var type in settings.TokenTypes)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(TimeSpan.FromSeconds(settings.Seconds));
            try
            {
                var load = await IssueLoad.CreateAsync(http, directory, type, deadline.Token);
                await load.RunAsync(screen, settings.WarmUp, settings.Callers, processes: null, deadline.Token);
                done.Add(await load.RunAsync(screen, settings.Tokens, settings.Callers, processes, deadline.Token));
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested && done.Count > 0)
            {
                // Ctrl+C ends the issuer too.
                return new IssueResult(done) { WasStopped = true };
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Type {(int)type} was not done within {settings.Seconds} s; fewer --tokens or more --seconds are needed.", e);
            }
            catch (IssuerException e)
            {
                throw new IOException(e.Message, e);
            }
        }

        return new IssueResult(done);
    }

    private static async Task<Uri> ReadyAsync(ChildProcess issuer)
    {
        var lines = await issuer.WaitForOutputAsync(static line => line.StartsWith("ready ", StringComparison.Ordinal));
        return PrivacyPass.Issuance.IssuerDirectory.UrlOf(new Uri(lines[0]["ready ".Length..].Split(' ')[0]));
    }
}
