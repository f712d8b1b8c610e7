using System.CommandLine;
using PrivacyProxy.Commands.Attester;
using PrivacyProxy.Commands.Auditor;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Hosting;
using PrivacyRelay.Configuration;

namespace PrivacyProxy.Commands.Reference;

/// <summary><c>reference</c>: writes the pages of docs/reference from the options classes; for those who work on the product.</summary>
internal static class ReferenceCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "The folder the pages are written to, such as docs/reference." };
        var command = new Command("reference", "Writes a page of all settings for each of proxy, issuer, attester, auditor and relay.") { folder };
        command.Hidden = true;
        command.SetAction(arguments =>
        {
            var target = arguments.GetRequiredValue(folder);
            target.Create();
            foreach (var (name, text) in Pages()) File.WriteAllText(Path.Combine(target.FullName, name), text);
        });
        return command;
    }

    /// <summary>The pages by file name.</summary>
    public static IEnumerable<(string Name, string Text)> Pages()
    {
        yield return ("proxy.md", ReferencePage.Of<ProxyOptions>("proxy", "serve", ProxyOptions.Section));
        yield return ("issuer.md", ReferencePage.Of<IssuerSettings>("issuer", "issuer", IssuerSettings.Section));
        yield return ("attester.md", ReferencePage.Of<AttesterSettings>("attester", "attester", AttesterSettings.Section));
        yield return ("auditor.md", ReferencePage.Of<AuditorSettings>("auditor", "auditor", AuditorSettings.Section));
        yield return ("relay.md", ReferencePage.Of<RelayOptions>("relay", "relay", RelayOptions.Section));
    }
}
