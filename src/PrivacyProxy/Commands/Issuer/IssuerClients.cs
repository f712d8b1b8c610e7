using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>Who gets tokens, as the settings in force say; a reload brings others.</summary>
internal sealed class IssuerClients : IOptionsChangeTokenSource<BearerAttesterOptions>, IOptionsChangeTokenSource<ClientCertificateAttesterOptions>
{
    private volatile Known _known;
    private ConfigurationReloadToken _changed = new();

    /// <exception cref="InvalidConfigurationException">A file cannot be read.</exception>
    public IssuerClients(IssuerSettings settings) => _known = Read(settings);

    /// <summary>The file of authorities; null without.</summary>
    public string? File => _known.Settings.ClientAuthorities;

    string IOptionsChangeTokenSource<BearerAttesterOptions>.Name => Options.DefaultName;

    string IOptionsChangeTokenSource<ClientCertificateAttesterOptions>.Name => Options.DefaultName;

    public void Apply(BearerAttesterOptions options)
    {
        foreach (var key in _known.Settings.BearerKeys) options.Keys.Add(new BearerKey { Key = key.Key, Quota = key.Quota, Window = key.Window });
    }

    public void Apply(ClientCertificateAttesterOptions options)
    {
        var known = _known;
        foreach (var thumbprint in known.Settings.ClientThumbprints) options.Thumbprints.Add(thumbprint);
        options.Authorities.AddRange(known.Authorities);
    }

    /// <summary>Reads what other settings name; what is returned takes it into use.</summary>
    /// <exception cref="InvalidConfigurationException">A file cannot be read, or settings leave the attester nobody.</exception>
    public Action Prepare(IssuerSettings next)
    {
        var known = Read(next);
        // The attester itself is that of the start.
        var attester = _known.Settings.Attester;
        if (next.Attester != attester) return static () => { };
        return () =>
        {
            _known = known;
            Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
        };
    }

    public IChangeToken GetChangeToken() => Volatile.Read(ref _changed);

    private static Known Read(IssuerSettings settings)
    {
        var authorities = new X509Certificate2Collection();
        if (settings.Attester != AttesterKind.Mtls || settings.ClientAuthorities is not { } file) return new Known(settings, authorities);
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Unreadable(file, $" ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }

        return authorities.Count > 0 || settings.ClientThumbprints.Count > 0 ? new Known(settings, authorities) : throw Unreadable(file, "");
    }

    private static InvalidConfigurationException Unreadable(string file, string why) =>
        new($"{IssuerSettings.Section}:{nameof(IssuerSettings.ClientAuthorities)}", file, $"a PEM file with certificates that can be read{why}");

    private sealed record Known(IssuerSettings Settings, X509Certificate2Collection Authorities);
}
