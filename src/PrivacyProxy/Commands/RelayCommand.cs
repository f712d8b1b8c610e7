using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using PrivacyRelay;
using PrivacyRelay.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.Commands;

/// <summary><c>relay</c>: a local SOCKS5 and HTTP port whose tunnels go through the proxy, each paid with a token.</summary>
internal static class RelayCommand
{
    public static Command Create()
    {
        var listen = new Option<string>("--listen") { Description = "Address and port for local programs, SOCKS5 and HTTP alike.", DefaultValueFactory = _ => "127.0.0.1:1080" };
        var proxy = new Option<string[]>("--proxy") { Description = "URL of the proxy; twice for two hops, the nearer one first.", Required = true };
        var issuer = new Option<string[]>("--issuer") { Description = "URL of the issuer of the proxy's tokens; one for each proxy, or one for all." };
        var psk = new Option<string[]>("--psk") { Description = "Preshared key instead of tokens; one for each proxy, or one for all." };
        var proxyCa = new Option<FileInfo?>("--proxy-ca") { Description = "PEM file with a CA to trust for proxies and issuers, besides those of the system." };
        var geohash = new Option<string?>("--geohash") { Description = "Hint where the last proxy shall leave, such as xn76c-JP." };
        var command = new Command("relay", "Gives local programs a SOCKS5 and HTTP proxy port that pays with Privacy Pass tokens.") { listen, proxy, issuer, psk, proxyCa, geohash };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            RelayOptions options;
            try
            {
                options = new RelayOptions
                {
                    Listen = EndPoint(arguments.GetValue(listen)!),
                    Hops = Hops(arguments.GetValue(proxy) ?? [], arguments.GetValue(issuer) ?? [], arguments.GetValue(psk) ?? []),
                    TrustedRoots = TrustedRoots.Read("--proxy-ca", arguments.GetValue(proxyCa)),
                    Geohash = arguments.GetValue(geohash),
                };
                if (RelayOptionsValidator.Fault(options) is { } fault) throw new FormatException(fault);
            }
            catch (FormatException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }

            return await RunAsync(options, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(RelayOptions options, CancellationToken cancellationToken)
    {
        using var termination = new TerminationSignal(cancellationToken);
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        using var sources = new IssuerTokenSources(new TrustPolicy(options.TrustedRoots));
        try
        {
            await using var relay = RelayServer.Start(options, sources, TimeProvider.System, loggers);
            Console.WriteLine($"ready socks5://{relay.EndPoint} http://{relay.EndPoint}");
            await Task.Delay(Timeout.Infinite, termination.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (SocketException e)
        {
            await Console.Error.WriteLineAsync($"--listen: {options.Listen} cannot be taken: {e.Message}");
            return 1;
        }
    }

    private static IPEndPoint EndPoint(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint) && !text.EndsWith(']')
            ? endPoint
            : throw new FormatException($"--listen: '{text}' is not an address and port such as 127.0.0.1:1080.");

    private static HopOptions[] Hops(string[] proxies, string[] issuers, string[] keys) =>
        [.. proxies.Select((url, i) => new HopOptions
        {
            Proxy = Url("--proxy", url),
            Issuer = OneOf("--issuer", issuers, i, proxies.Length) is { } issuer ? Url("--issuer", issuer) : null,
            PresharedKey = OneOf("--psk", keys, i, proxies.Length),
        })];

    private static string? OneOf(string option, string[] values, int index, int proxies)
    {
        if (values.Length is 0) return null;
        if (values.Length == 1) return values[0];
        return values.Length == proxies ? values[index] : throw new FormatException($"{option}: {values.Length} given for {proxies} proxies, expected one for each or one for all.");
    }

    private static Uri Url(string option, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : throw new FormatException($"{option}: '{text}' is not a URL.");
}
