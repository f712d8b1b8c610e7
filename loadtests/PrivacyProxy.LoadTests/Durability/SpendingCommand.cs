using System.CommandLine;

namespace PrivacyProxy.LoadTests.Durability;

/// <summary>Hidden: what <see cref="DurabilityProof"/> starts and kills.</summary>
internal static class SpendingCommand
{
    public const string Name = "spend-and-report";

    public static Command Create()
    {
        var file = new Argument<string>("file");
        var tokens = new Argument<int>("tokens");
        var callers = new Argument<int>("callers");
        var seed = new Argument<int>("seed");
        var killAfter = new Argument<int>("kill-after");
        var command = new Command(Name) { file, tokens, callers, seed, killAfter };
        command.Hidden = true;
        command.SetAction(async result =>
        {
            await using var reports = Console.OpenStandardOutput();
            var settings = new DurabilitySettings(result.GetValue(file)!, result.GetValue(tokens), result.GetValue(callers), Kills: 0, result.GetValue(seed));
            return await SpendingProcess.RunAsync(settings, result.GetValue(killAfter), reports);
        });
        return command;
    }
}
