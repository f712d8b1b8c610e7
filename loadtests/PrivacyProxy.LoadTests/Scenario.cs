using PrivacyProxy.Configuration;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests;

/// <summary>Runs the body of a command: says where it runs, and turns what can go wrong into a line and exit code 1.</summary>
internal static class Scenario
{
    /// <summary>What shells say of a program ended by Ctrl+C.</summary>
    private const int Stopped = 130;

    public static async Task<int> RunAsync(Func<LoadScreen, Task<int>> body)
    {
        var screen = LoadScreen.ForConsole();
        screen.Text(MachineDescription.Read().ToString());
        screen.Text("");
        try
        {
            return await body(screen);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return Stopped;
        }
        catch (Exception e) when (e is MemcachedMissingException or IOException or TimeoutException or InvalidConfigurationException or FormatException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
