using System.CommandLine;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Stall;

/// <summary><c>stall</c>: a memcached whose replies come late, for docs/finding-a-stall.md. Where it listens is the only line it prints before it is told to do something.</summary>
internal static class StallCommand
{
    public static Command Create()
    {
        var flags = new ScenarioFlags<StallSettings>("stall");
        var command = new Command("stall", "A store whose replies come 40 ms late; lines on standard input, 'heal' and 'stall', switch it.");
        flags.AddTo(command);
        command.SetAction((arguments, cancellationToken) => Scenario.GuardAsync(async () =>
        {
            var settings = flags.Read(arguments);
            var scenario = new StallScenario(settings.UpstreamEndpoint, settings.Port, TimeSpan.FromMilliseconds(settings.Delay), settings.Healthy);
            await scenario.RunAsync(Console.In, Console.Out, TimeSpan.FromSeconds(settings.Duration), cancellationToken);
            return 0;
        }));
        return command;
    }
}
