using System.CommandLine;
using System.Net;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;

namespace PrivacyProxy.Commands.Health;

/// <summary><c>health</c>: asks a running proxy or issuer on this machine how it is; for images without a shell.</summary>
internal static class HealthCommand
{
    private const int Failed = 1;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var config = new Option<string?>("--config") { HelpName = "FILE", Description = "The configuration file of the proxy." };
        var management = new Option<string?>("--management") { HelpName = "URL", Description = "The management URL of a proxy, or the URL of an issuer. Default: what the proxy's own settings say." };
        var ready = new Option<bool>("--ready") { Description = "Asks a proxy whether new tunnels can be opened (/readyz), not only whether it is alive (/healthz)." };
        var command = new Command("health", "Asks a running proxy or issuer how it is: exit code 0 when it is well.") { management, ready, config };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            try
            {
                var url = Url(arguments.GetValue(management), arguments.GetValue(config));
                return await AskAsync(new Uri(url, arguments.GetValue(ready) ? "/readyz" : "/healthz"), cancellationToken);
            }
            catch (InvalidConfigurationException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return Failed;
            }
        });
        return command;
    }

    /// <summary>Where to ask; one that listens on all addresses is asked on loopback.</summary>
    /// <exception cref="InvalidConfigurationException">There is no such URL.</exception>
    public static Uri Url(string? given, string? configFile)
    {
        const string Key = $"{ProxyOptions.Section}:{nameof(ProxyOptions.Management)}";
        var text = given ?? Configured(configFile)[Key] ?? new ProxyOptions().Management;
        if (!ListenUrl.TryParse(text, out var url)) throw new InvalidConfigurationException(given is null ? Key : "--management", text, "an http:// or https:// URL to ask");
        return new Uri((url.IsAny && (url.Host == ListenUrl.AnyHost || IPAddress.TryParse(url.Host, out _)) ? url with { Host = "127.0.0.1" } : url).ToString());
    }

    private static ConfigurationManager Configured(string? file)
    {
        var configuration = new ConfigurationManager();
        ConfigurationSources.Apply(configuration, file, static _ => []);
        return configuration;
    }

    private static async Task<int> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        // Directly: a proxy of the environment is not for this machine.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = _patience };
        try
        {
            using var answer = await client.GetAsync(url, cancellationToken);
            Console.Write(await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer.IsSuccessStatusCode ? 0 : Failed;
        }
        catch (Exception exception) when (exception is HttpRequestException || exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"health: {url} does not answer: {exception.GetBaseException().Message}");
            return Failed;
        }
    }
}
