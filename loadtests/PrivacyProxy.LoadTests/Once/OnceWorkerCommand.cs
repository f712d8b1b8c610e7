using System.CommandLine;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>The process that <see cref="SqliteOnce"/> kills; not for people.</summary>
internal static class OnceWorkerCommand
{
    public const string Name = "once-worker";

    public static Command Create()
    {
        var ledger = new Argument<string>("ledger");
        var file = new Argument<string>("file");
        var tokens = new Argument<int>("tokens");
        var clients = new Argument<int>("clients");
        var seed = new Argument<int>("seed");
        var command = new Command(Name, "Offers tokens until it is killed.") { ledger, file, tokens, clients, seed };
        command.Hidden = true;
        command.SetAction(async (arguments, _) =>
        {
            var settings = new OnceSettings { Tokens = arguments.GetValue(tokens), Clients = arguments.GetValue(clients), Seed = arguments.GetValue(seed) };
            await SqliteOnce.WorkAsync(settings, arguments.GetValue(ledger)!, arguments.GetValue(file)!);
            return 0;
        });
        return command;
    }
}
