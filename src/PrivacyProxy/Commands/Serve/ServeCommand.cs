using System.CommandLine;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;

namespace PrivacyProxy.Commands.Serve;

/// <summary>Runs the proxy. The default command: its flags work without its name.</summary>
internal static class ServeCommand
{
    private const int Failed = 1;

    /// <summary>Adds <c>serve</c>, and makes it what the root command does.</summary>
    public static void AddTo(RootCommand root)
    {
        var flags = new ServeFlags();
        var serve = new Command("serve", "Run the proxy (the default command).");
        foreach (var command in new[] { serve, root })
        {
            flags.AddTo(command);
            command.SetAction((result, cancellationToken) => RunAsync(flags, result, cancellationToken));
        }
        root.Subcommands.Add(serve);
    }

    private static async Task<int> RunAsync(ServeFlags flags, ParseResult result, CancellationToken cancellationToken)
    {
        // The host hears of signals only once it starts, and it is made before: with what connects, logs and may be waited for.
        using var starting = new TerminationSignal(cancellationToken);
        try
        {
            await using var app = ProxyHost.Build(flags.ConfigFile(result), others => flags.ToSettings(result, others));
            IReadOnlyList<string> urls;
            try
            {
                urls = await ProxyHost.StartAsync(app, starting.Token);
            }
            catch (OperationCanceledException) when (starting.Token.IsCancellationRequested || app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Asked to stop before it had started: that is what it did.
                await Console.Error.WriteLineAsync("stopped before it was ready");
                return 0;
            }
            starting.Dispose();
            Console.WriteLine($"ready {string.Join(' ', urls)}");
            await app.WaitForShutdownAsync(CancellationToken.None);
            return 0;
        }
        catch (InvalidConfigurationException exception)
        {
            await Console.Error.WriteLineAsync(flags.Given.Tell(exception));
            return Failed;
        }
    }
}
