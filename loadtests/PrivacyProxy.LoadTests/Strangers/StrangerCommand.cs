using System.CommandLine;
using System.Globalization;
using PrivacyPass.Http;
using PrivacyProxy.LoadTests.Clients;

namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>Hidden: what <see cref="StrangerProcess"/> starts. Counts every tenth of a second, and ends with its standard input.</summary>
internal static class StrangerCommand
{
    public const string Name = "be-strangers";

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var host = new Argument<string>("host");
        var port = new Argument<int>("port");
        var kind = new Argument<StrangerKind>("kind");
        var slow = new Argument<int>("slow");
        var drip = new Argument<double>("drip");
        var heads = new Argument<double>("heads");
        var headBytes = new Argument<int>("head-bytes");
        var forged = new Argument<double>("forged");
        var model = new Argument<string?>("model") { DefaultValueFactory = static _ => null };
        var command = new Command(Name) { host, port, kind, slow, drip, heads, headBytes, forged, model };
        command.Hidden = true;
        command.SetAction((result, cancellationToken) =>
        {
            var settings = new StrangersSettings
            {
                Kind = result.GetValue(kind), Slow = result.GetValue(slow), Drip = result.GetValue(drip),
                Heads = result.GetValue(heads), HeadBytes = result.GetValue(headBytes), Forged = result.GetValue(forged),
            };
            var token = result.GetValue(model) is { } text ? PaddedBase64Url.Decode(text, out _) : null;
            return RunAsync(new StrangerLoad(new ProxyAddress(result.GetValue(host)!, result.GetValue(port), Tls: false), settings, token), cancellationToken);
        });
        return command;
    }

    /// <summary>What its parent passes on.</summary>
    public static IEnumerable<string> ArgumentsOf(ProxyAddress proxy, StrangersSettings settings, string? model)
    {
        string[] arguments =
        [
            Name, proxy.Host, Text(proxy.Port), settings.Kind.ToString(), Text(settings.Slow), Text(settings.Drip), Text(settings.Heads), Text(settings.HeadBytes), Text(settings.Forged),
        ];
        return model is null ? arguments : arguments.Append(model);
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static async Task<int> RunAsync(StrangerLoad load, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(end.Token);
        // What reads a console waits on the thread it is called on, whatever it is called.
        var input = Task.Run(Console.In.ReadLine, CancellationToken.None);
        while (await Task.WhenAny(input, Task.Delay(_pause, end.Token)) != input && !end.IsCancellationRequested)
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{load.Open} {load.Connected} {load.Heads}"));
        await end.CancelAsync();
        await running;
        return 0;
    }
}
