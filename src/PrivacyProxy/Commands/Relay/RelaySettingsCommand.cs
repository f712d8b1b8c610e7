using System.CommandLine;
using System.Net;
using PrivacyProxy.Configuration;
using PrivacyRelay.Configuration;
using PrivacyRelay.HttpProxy;

namespace PrivacyProxy.Commands.Relay;

/// <summary><c>relay settings</c>: prints how a system is told to use the relay; changes nothing.</summary>
internal static class RelaySettingsCommand
{
    public static Command Create()
    {
        var kind = new Argument<SettingsKind>("KIND") { Description = "pac: a proxy auto-configuration file. networksetup: commands for macOS. gsettings: commands for GNOME." };
        var flags = new RelayFlags();
        var command = new Command("settings", "Prints what tells browsers and systems of the relay: a file or commands, for the address it listens on.") { kind };
        flags.AddListenTo(command);
        command.SetAction(async (arguments, _) =>
        {
            try
            {
                await arguments.InvocationConfiguration.Output.WriteAsync(Text(arguments.GetValue(kind), flags.ReadListen(arguments)));
                return 0;
            }
            catch (InvalidConfigurationException e)
            {
                await arguments.InvocationConfiguration.Error.WriteLineAsync(flags.Given(arguments).Tell(e));
                return 1;
            }
        });
        return command;
    }

    private static string Text(SettingsKind kind, RelayOptions options)
    {
        var listens = options.EndPoints[0];
        // Programs of this machine reach a relay on all addresses here.
        var address = listens.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : listens.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listens.Address;
        var relay = new IPEndPoint(address, listens.Port);
        return kind switch
        {
            SettingsKind.Pac => ProxyScript.Write(relay.ToString()),
            SettingsKind.Networksetup => Networksetup(relay),
            _ => Gsettings(relay),
        };
    }

    private static string Networksetup(IPEndPoint relay) => $"""
        # macOS: for each network service that is on, such as Wi-Fi.
        networksetup -listallnetworkservices | tail -n +2 | grep -v '^[*]' | while IFS= read -r service; do
          networksetup -setsocksfirewallproxy "$service" {relay.Address} {relay.Port}
          networksetup -setwebproxy "$service" {relay.Address} {relay.Port}
          networksetup -setsecurewebproxy "$service" {relay.Address} {relay.Port}
        done
        # To undo it:
        #   networksetup -setsocksfirewallproxystate SERVICE off
        #   networksetup -setwebproxystate SERVICE off
        #   networksetup -setsecurewebproxystate SERVICE off

        """.ReplaceLineEndings("\n");

    private static string Gsettings(IPEndPoint relay)
    {
        string[] kinds = ["socks", "http", "https"];
        var lines = kinds.SelectMany(kind => new[]
        {
            $"gsettings set org.gnome.system.proxy.{kind} host '{relay.Address}'",
            $"gsettings set org.gnome.system.proxy.{kind} port {relay.Port}",
        });
        return string.Join('\n', [
            "# GNOME, and what goes by its settings. To undo it: gsettings set org.gnome.system.proxy mode 'none'",
            .. lines,
            "gsettings set org.gnome.system.proxy mode 'manual'",
            "",
        ]);
    }

    private enum SettingsKind
    {
        Pac,
        Networksetup,
        Gsettings,
    }
}
