using System.CommandLine;
using System.Net.Sockets;
using PrivacyProxy.Configuration;
using PrivacyRelay;
using PrivacyRelay.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.Commands.Relay;

/// <summary><c>relay</c>: a local SOCKS5 and HTTP port whose tunnels go through the proxy, each paid with a token.</summary>
internal static class RelayCommand
{
    public static Command Create()
    {
        var flags = new RelayFlags();
        var command = new Command("relay", "Gives local programs a SOCKS5 and HTTP proxy port that pays with Privacy Pass tokens.");
        flags.AddTo(command);
        command.Subcommands.Add(RelaySettingsCommand.Create());
        command.SetAction(async (arguments, cancellationToken) =>
        {
            RelayOptions options;
            try
            {
                options = flags.Read(arguments);
            }
            catch (InvalidConfigurationException e)
            {
                await Console.Error.WriteLineAsync(flags.Given(arguments).Tell(e));
                return 1;
            }

            return await RunAsync(options, flags.Given(arguments), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(RelayOptions options, GivenFlags given, CancellationToken cancellationToken)
    {
        using var termination = new TerminationSignal(cancellationToken);
        // Before anybody holds on to standard error.
        var line = StatusLine.OfStandardError();
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        using var sources = new IssuerTokenSources(new TrustPolicy(options.TrustedRoots, options.ProxyCa), loggers.CreateLogger<IssuerTokenSources>(), options.IssuerLogs, options.MetadataTokens ? new TokenMetadata(options.MetadataLife, options.MetadataPlace) : null);
        try
        {
            await using var relay = RelayServer.Start(options, sources, TimeProvider.System, loggers);
            Console.WriteLine($"ready socks5://{relay.Authority} http://{relay.Authority}");
            if (line is not null) await RelayStatus.ShowAsync(relay, line, termination.Token);
            else await Task.Delay(Timeout.Infinite, termination.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (SocketException e)
        {
            var problem = new InvalidConfigurationException($"{RelayOptions.Section}:{nameof(RelayOptions.Listen)}", options.Listen, $"an address that can be taken ({e.Message})");
            await Console.Error.WriteLineAsync(given.Tell(problem));
            return 1;
        }
    }
}
