using System.CommandLine;

namespace PrivacyProxy.LoadTests.Durability;

/// <summary><c>durable</c>: the proof of "once" for the Sqlite store, with SIGKILL in the midst of it.</summary>
internal static class DurabilityCommand
{
    public static Command Create()
    {
        var tokens = new Option<int>("--tokens") { Description = "How many tokens there are.", DefaultValueFactory = _ => 100_000 };
        var callers = new Option<int>("--callers") { Description = "How many callers offer them at once.", DefaultValueFactory = _ => 256 };
        var kills = new Option<int>("--kills") { Description = "How often the process that spends is killed.", DefaultValueFactory = _ => 20 };
        var seed = new Option<int>("--seed") { Description = "Decides the order of the tokens and the moments of the kills.", DefaultValueFactory = _ => 1 };
        foreach (var option in new[] { tokens, callers, kills, seed })
            option.Validators.Add(static result => { if (result.GetValueOrDefault<int>() is < 1 or > 10_000_000) result.AddError($"{result.Option.Name}: expected 1 to 10000000"); });
        var command = new Command("durable", "Sqlite: offers every token many times to a process that gets SIGKILL again and again; none may be accepted twice.") { tokens, callers, kills, seed };
        command.SetAction(async (result, cancellationToken) =>
        {
            var directory = Directory.CreateTempSubdirectory("privacy-proxy-durable-");
            try
            {
                var settings = new DurabilitySettings(
                    Path.Combine(directory.FullName, "spent.db"), result.GetValue(tokens), result.GetValue(callers), result.GetValue(kills), result.GetValue(seed));
                var proof = await DurabilityProof.RunAsync(settings, cancellationToken);
                Console.WriteLine(proof);
                return proof.Holds ? 0 : 1;
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        });
        return command;
    }
}
