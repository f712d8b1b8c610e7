namespace PrivacyProxy.Commands.Demo;

/// <summary>The lines to try by hand, once everything stands.</summary>
internal static class DemoHints
{
    public static void Print(DemoScreen screen, DemoServers servers, DemoOptions options)
    {
        var url = (options.Url ?? servers.Origin).ToString();
        string[] trust = options.Url is null ? [$"--cacert {servers.OriginAuthorityFile}"] : [];
        screen.Blank();
        screen.Text("Everything stays up until Ctrl+C. Try it by hand, each request pays a token:");
        screen.Blank();
        screen.Command(["curl -v --noproxy '' --proxy http://" + servers.Relay, .. trust, url]);
        screen.Blank();
        screen.Command(["curl -v --noproxy '' --socks5-hostname " + servers.Relay, .. trust, url]);
        screen.Blank();
        string[] lenient = options.Url is null ? ["--ignore-certificate-errors"] : [];
        screen.Command(["chromium --user-data-dir=$(mktemp -d) --no-first-run --disable-quic", "--proxy-server=socks5://" + servers.Relay + " --proxy-bypass-list='<-loopback>'", .. lenient, url]);
    }
}
