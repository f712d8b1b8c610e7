using System.CommandLine;
using PrivacyProxy.Commands.Attester;
using PrivacyProxy.Commands.Auditor;
using PrivacyProxy.Commands.Demo;
using PrivacyProxy.Commands.Health;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Commands.Reference;
using PrivacyProxy.Commands.Relay;
using PrivacyProxy.Commands.Serve;
using PrivacyProxy.Commands.Token;
using PrivacyProxy.Commands.Top;

namespace PrivacyProxy.Commands;

/// <summary>Puts the commands together; one file per command beside this one.</summary>
internal static class RootCommandFactory
{
    public static RootCommand Create()
    {
        var root = new RootCommand("PrivacyProxy: a forward proxy that takes Privacy Pass tokens, each exactly once.")
        {
            IssuerCommand.Create(),
            AttesterCommand.Create(),
            AuditorCommand.Create(),
            DemoCommand.Create(),
            RelayCommand.Create(),
            TokenCommand.Create(),
            TopCommand.Create(),
            HealthCommand.Create(),
            ReferenceCommand.Create(),
        };
        ServeCommand.AddTo(root);
        return root;
    }
}
