using System.CommandLine;
using System.Net.Sockets;
using PrivacyProxy.Configuration;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests;

/// <summary>Makes the command of a scenario: its settings from all sources, where it runs, and what can go wrong as a line and exit code 1.</summary>
internal static class Scenario
{
    /// <summary>What shells say of a program ended by Ctrl+C.</summary>
    private const int Stopped = 130;

    /// <typeparam name="T">The settings.</typeparam>
    /// <param name="name">The command's.</param>
    /// <param name="description">One line of the help.</param>
    /// <param name="json">The file that results go to as well.</param>
    /// <param name="body">Returns the exit code.</param>
    public static Command Create<T>(string name, string description, Option<FileInfo?> json, Func<LoadScreen, T, FileInfo?, CancellationToken, Task<int>> body) where T : class, new()
    {
        var flags = new ScenarioFlags<T>(name);
        var command = new Command(name, description);
        flags.AddTo(command);
        command.SetAction((arguments, cancellationToken) => GuardAsync(() =>
        {
            var settings = flags.Read(arguments);
            var screen = LoadScreen.ForConsole();
            screen.Text(MachineDescription.Read().ToString());
            screen.Text("");
            return body(screen, settings, arguments.GetValue(json), cancellationToken);
        }));
        return command;
    }

    /// <summary>Tells what ends a scenario early.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return Stopped;
        }
        catch (Exception e) when (e is MemcachedMissingException or IOException or TimeoutException or SocketException or FormatException or InvalidConfigurationException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
