using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using PrivacyProxy.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.LoadTests.Stall;

/// <summary><c>stall</c>: a memcached whose replies come late, for docs/finding-a-stall.md. Where it listens is the only line it prints before it is told to do something.</summary>
internal static class StallCommand
{
    public static Command Create()
    {
        var upstream = new Option<MemcachedEndpoint?>("--upstream") { Description = "HOST:PORT of a running memcached; without, one of its own is started.", CustomParser = ReadEndpoint };
        var port = new Option<int>("--port") { Description = "Loopback port to listen on; 0 lets the system choose." };
        var delay = new Option<double>("--delay-ms") { Description = "How long each reply waits while it stalls.", DefaultValueFactory = _ => 40 };
        var duration = new Option<double>("--duration") { Description = "Ends by itself after so many seconds.", DefaultValueFactory = _ => 3_600 };
        var healthy = new Option<bool>("--healthy") { Description = "Begins healthy: stalls once told to." };
        Bounds.Between(port, 0, IPEndPoint.MaxPort);
        Bounds.Between(delay, 0.1, 60_000);
        Bounds.Between(duration, 0.1, 86_400);
        var command = new Command("stall", "A store whose replies come 40 ms late; lines on standard input, 'heal' and 'stall', switch it.") { upstream, port, delay, duration, healthy };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var scenario = new StallScenario(arguments.GetValue(upstream), arguments.GetValue(port), TimeSpan.FromMilliseconds(arguments.GetValue(delay)), arguments.GetValue(healthy));
            try
            {
                await scenario.RunAsync(Console.In, Console.Out, TimeSpan.FromSeconds(arguments.GetValue(duration)), cancellationToken);
                return 0;
            }
            catch (Exception e) when (e is MemcachedMissingException or IOException or SocketException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static MemcachedEndpoint? ReadEndpoint(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!MemcachedEndpoint.TryParse(text, out var endpoint)) result.AddError($"--upstream: '{text}' is not HOST:PORT.");
        return endpoint;
    }
}
