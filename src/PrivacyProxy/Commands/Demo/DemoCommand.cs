using System.CommandLine;

namespace PrivacyProxy.Commands.Demo;

/// <summary><c>demo</c>: everything on loopback in one process, one request walked through.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var url = new Argument<string?>("url") { Description = "Where the request goes; without it, to a small TLS site of the demo's own.", Arity = ArgumentArity.ZeroOrOne };
        var once = new Option<bool>("--once") { Description = "End after the walk: 0 when every step did what it should, 1 otherwise." };
        var broken = new Option<DemoPart>("--break") { Description = "Stop a part before the walk, to see it fail.", Hidden = true };
        var command = new Command("demo", "Starts an issuer, a proxy, a relay and an origin on loopback and walks one request through.") { url, once, broken };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            Uri? destination = null;
            if (arguments.GetValue(url) is { } text && (!Uri.TryCreate(text, UriKind.Absolute, out destination) || destination.Scheme is not ("https" or "http")))
            {
                await Console.Error.WriteLineAsync($"demo: '{text}' is not a URL such as https://example.com/.");
                return 1;
            }

            return await RunAsync(new DemoOptions(destination, arguments.GetValue(once), arguments.GetValue(broken)), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        using var termination = new TerminationSignal(cancellationToken);
        var screen = DemoScreen.ForStandardOutput();
        await using var servers = new DemoServers();
        screen.Title("PrivacyProxy demo: an issuer, a proxy, a relay and an origin on loopback");
        try
        {
            await new DemoWalk(servers, screen, options).RunAsync(termination.Token);
        }
        catch (OperationCanceledException) when (termination.Token.IsCancellationRequested)
        {
            return 1;
        }
        catch (Exception)
        {
            // The step that failed has said why.
            screen.Blank();
            screen.Text("The walk failed.");
            return 1;
        }

        if (!options.Once)
        {
            DemoHints.Print(screen, servers, options);
            await Task.Delay(Timeout.Infinite, termination.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }

        screen.Blank();
        screen.Text("Every step did what it should.");
        return 0;
    }
}
