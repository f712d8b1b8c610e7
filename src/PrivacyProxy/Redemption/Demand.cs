using System.Text;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption.Certificates;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>What credentials the proxy takes: as challenges for programs, and in words for people. Made again when keys or options change.</summary>
internal sealed class Demand
{
    private readonly Derived<KeySnapshot, Derived<AuthenticationOptions, Offer>> _offer;

    public Demand(AcceptedKeySet keys, IOptionsMonitor<AuthenticationOptions> options, IProxyIdentity identity) =>
        _offer = new(() => keys.Current, snapshot => new(() => options.CurrentValue, current => new Offer(snapshot, current, identity.StatusName)));

    /// <summary>The values of the challenge fields; never empty.</summary>
    public IReadOnlyList<string> Challenges => _offer.Value.Value.Challenges;

    /// <summary>Plain text, ASCII.</summary>
    public byte[] Text => _offer.Value.Value.Text;

    private sealed class Offer
    {
        public Offer(KeySnapshot keys, AuthenticationOptions options, string name)
        {
            // RFC 9110, section 11.7.1: a 407 has a challenge, even where only preshared keys are taken.
            Challenges = keys.ChallengeFields.Count > 0 ? [.. keys.ChallengeFields] : [$"{PresharedKeys.Scheme} realm=\"{name}\""];
            if (options.Basic) Challenges = [.. Challenges, $"{BasicCredentials.Scheme} realm=\"{name}\", charset=\"UTF-8\""];
            Text = Encoding.ASCII.GetBytes(Words(keys, options));
        }

        public IReadOnlyList<string> Challenges { get; }

        public byte[] Text { get; }

        private static string Words(KeySnapshot keys, AuthenticationOptions options)
        {
            var text = new StringBuilder("This is a privacy proxy. It opens no connection without one of these:\n");
            if (options.ClientCertificates.Use != ClientCertificateUse.Off) text.Append("- a client certificate that it trusts, over TLS\n");
            if (options.ClientCertificates.Use == ClientCertificateUse.Required) return text.ToString();
            foreach (var (issuer, _) in keys.Ends) text.Append("- a Privacy Pass token of ").Append(Printable(issuer)).Append(", as Proxy-Authorization: PrivateToken token=\"...\"\n");
            if (options.PresharedKeys.Count > 0) text.Append("- a key that its operator gave you, as Proxy-Authorization: Preshared KEY\n");
            if (options.Basic) text.Append("- that key as a password, with any user name: http://any:KEY@this.proxy\n");
            return text.ToString();
        }

        private static string Printable(string name) => string.Concat(name.Select(static c => c is >= ' ' and <= '~' ? c : '?'));
    }
}
