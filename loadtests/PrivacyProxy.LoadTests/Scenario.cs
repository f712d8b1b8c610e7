using System.CommandLine;
using System.Net.Sockets;
using PrivacyProxy.Configuration;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;
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

    /// <summary>As <see cref="Create"/>, for a scenario whose figures are printed, written, drawn and held against the limits that were asked for. One that is stopped reports what it has.</summary>
    /// <typeparam name="T">The settings.</typeparam>
    /// <param name="name">The command's.</param>
    /// <param name="description">One line of the help.</param>
    /// <param name="json">The file that the report goes to as well.</param>
    /// <param name="body">Measures.</param>
    public static Command CreateMeasured<T>(string name, string description, Option<FileInfo?> json, Func<LoadScreen, T, CancellationToken, Task<Report>> body) where T : class, new()
    {
        var flags = new ScenarioFlags<T>(name);
        var html = new Option<FileInfo?>("--html") { HelpName = "FILE", Description = "Write one page with figures and charts to this file too; it needs nothing else." };
        var command = new Command(name, description) { html };
        flags.AddTo(command);
        command.SetAction((arguments, cancellationToken) => GuardAsync(async () =>
        {
            var settings = flags.Read(arguments);
            var screen = LoadScreen.ForConsole();
            screen.Text(MachineDescription.Read().ToString());
            screen.Text("");
            var report = await body(screen, settings, cancellationToken);
            ReportScreen.Print(screen, report);
            await ReportFile.WriteAsync(arguments.GetValue(json), report);
            await ReportPage.WriteAsync(arguments.GetValue(html), report);
            return ExitCode(report);
        }));
        return command;
    }

    /// <summary>0 when everything that was asked for was met by a run to its end.</summary>
    public static int ExitCode(Report report) => report.Missed.Any() ? 1 : report.WasStopped ? Stopped : 0;

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
