using System.CommandLine;
using PrivacyProxy.Commands.Top.Watching;

namespace PrivacyProxy.Commands.Top;

/// <summary><c>top</c>: one proxy, live in a terminal, from its <c>/metrics</c> alone.</summary>
internal static class TopCommand
{
    private const int LongestInterval = 60;

    public static Command Create()
    {
        var management = new Option<string>("--management") { HelpName = "URL", Description = "The management URL of the proxy.", DefaultValueFactory = _ => "http://127.0.0.1:9090" };
        var interval = new Option<int?>("--interval") { HelpName = "SECONDS", Description = $"From one look to the next, 1 to {LongestInterval}. Default: 1." };
        var once = new Option<bool>("--once") { Description = "Print one frame and end: figures since the proxy started, or of --interval seconds. So it is when output is redirected, unless --interval is given." };
        interval.Bound(1, LongestInterval);
        var command = new Command("top", "Shows one running proxy: tunnels, redemptions, the double-spend check, store nodes. Ends with q, Esc or Ctrl+C.") { management, interval, once };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var text = arguments.GetValue(management)!;
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                await Console.Error.WriteLineAsync($"top: --management: '{text}' is not an http:// or https:// URL such as http://127.0.0.1:9090.");
                return 1;
            }

            TimeSpan? seconds = arguments.GetValue(interval) is { } given ? TimeSpan.FromSeconds(given) : null;
            return await RunAsync(new TopOptions(url, seconds, arguments.GetValue(once) || (seconds is null && Console.IsOutputRedirected)), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(TopOptions options, CancellationToken cancellationToken)
    {
        using var termination = new TerminationSignal(cancellationToken);
        using var client = new ManagementClient(options.Management, TimeProvider.System);
        try
        {
            await new TopLoop(client, options).RunAsync(termination.Token);
        }
        catch (ManagementException exception)
        {
            await Console.Error.WriteLineAsync($"top: {exception.Message.TrimEnd('.')}.");
            return 1;
        }
        catch (OperationCanceledException) when (termination.Token.IsCancellationRequested)
        {
            return 0;
        }
        catch (IOException)
        {
            // The reader of the pipe has seen enough.
            return 0;
        }

        return 0;
    }
}
