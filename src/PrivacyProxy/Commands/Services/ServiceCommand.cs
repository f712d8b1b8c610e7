using System.CommandLine;
using PrivacyPass.AspNetCore.Keys;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Services;

/// <summary>The command of a service: its flags, the ready line, and its end.</summary>
internal static class ServiceCommand
{
    /// <summary>A flag that sets a key of the section.</summary>
    public static (Option<string?> Option, string Key) Flag(string name, string value, string key, string description) =>
        (new Option<string?>(name) { HelpName = value, Description = description }, key);

    /// <summary>The flag --config.</summary>
    public static Option<string?> ConfigFlag(string section) =>
        new("--config") { HelpName = "FILE", Description = $"Read the section {section} of this JSON file over appsettings.json." };

    /// <summary>What was given, by full keys.</summary>
    public static List<KeyValuePair<string, string?>> Read(ParseResult arguments, string section, IEnumerable<(Option<string?> Option, string Key)> flags, GivenFlags given)
    {
        List<KeyValuePair<string, string?>> settings = [];
        foreach (var (option, name) in flags)
        {
            var key = $"{section}:{name}";
            given.Add(arguments, option, key);
            if (arguments.GetValue(option) is { } value) settings.Add(new(key, value));
        }

        return settings;
    }

    /// <summary>Runs a service to its end; exit code 1 where a setting keeps it from starting.</summary>
    /// <param name="start">Starts it.</param>
    /// <param name="given">By which settings are named.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<StartedService>> start, GivenFlags given, CancellationToken cancellationToken)
    {
        // As in serve: before the host starts it hears of no signal, and keys are made then.
        using var starting = new TerminationSignal(cancellationToken);
        try
        {
            var service = await start(starting.Token);
            await using (service.Application)
            {
                starting.Dispose();
                Console.WriteLine($"ready {string.Join(' ', service.Urls)}");
                foreach (var hint in service.Hints) await Console.Error.WriteLineAsync(hint);
                await service.Application.WaitForShutdownAsync(cancellationToken);
                return 0;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped before it was ready");
            return 0;
        }
        catch (Exception e) when (e is InvalidConfigurationException or IssuerKeyFileException)
        {
            await Console.Error.WriteLineAsync(e is InvalidConfigurationException invalid ? given.Tell(invalid) : e.Message);
            return 1;
        }
    }
}

/// <summary>A service that listens.</summary>
/// <param name="Application">Disposed by the caller.</param>
/// <param name="Urls">With their real ports.</param>
/// <param name="Hints">Lines for who set it up.</param>
internal sealed record StartedService(WebApplication Application, IReadOnlyList<string> Urls, IReadOnlyList<string> Hints);
