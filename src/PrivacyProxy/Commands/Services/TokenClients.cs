using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using PrivacyPass.AspNetCore;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption.Certificates;

namespace PrivacyProxy.Commands.Services;

/// <summary>Who gets tokens, as settings say.</summary>
/// <param name="Keys">Bearer keys.</param>
/// <param name="Thumbprints">Of certificates.</param>
/// <param name="AuthorityFiles">Of authorities of certificates.</param>
/// <param name="AuthoritiesKey">The setting that names those.</param>
/// <param name="Quota">Of each certificate's holder; null counts nothing.</param>
/// <param name="Window">Of the quota.</param>
internal sealed record TokenClientSettings(
    IEnumerable<BearerKeySettings> Keys, IEnumerable<string> Thumbprints, IReadOnlyList<string> AuthorityFiles, string AuthoritiesKey, int? Quota = null, TimeSpan? Window = null);

/// <summary>Who gets tokens, as the settings in force say; a reload brings others.</summary>
internal sealed class TokenClients : IOptionsChangeTokenSource<BearerAttesterOptions>, IOptionsChangeTokenSource<ClientCertificateAttesterOptions>
{
    private volatile Known _known;
    private ConfigurationReloadToken _changed = new();

    /// <exception cref="InvalidConfigurationException">A file cannot be read.</exception>
    public TokenClients(TokenClientSettings settings) => _known = Read(settings);

    /// <summary>The files of authorities.</summary>
    public IEnumerable<string> Files => _known.Settings.AuthorityFiles;

    string IOptionsChangeTokenSource<BearerAttesterOptions>.Name => Options.DefaultName;

    string IOptionsChangeTokenSource<ClientCertificateAttesterOptions>.Name => Options.DefaultName;

    public void UseBearerKeys(TokenAttestationBuilder builder) =>
        builder.UseBearerKeys(Apply).Services.AddSingleton<IOptionsChangeTokenSource<BearerAttesterOptions>>(this);

    public void UseClientCertificates(TokenAttestationBuilder builder) =>
        builder.UseClientCertificates(Apply).Services.AddSingleton<IOptionsChangeTokenSource<ClientCertificateAttesterOptions>>(this);

    /// <summary>Reads what other settings name; what is returned takes it into use.</summary>
    /// <exception cref="InvalidConfigurationException">A file cannot be read.</exception>
    public Action Prepare(TokenClientSettings next)
    {
        var known = Read(next);
        return () =>
        {
            _known = known;
            Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
        };
    }

    public IChangeToken GetChangeToken() => Volatile.Read(ref _changed);

    private void Apply(BearerAttesterOptions options)
    {
        foreach (var key in _known.Settings.Keys) options.Keys.Add(new BearerKey { Key = key.Key, Quota = key.Quota, Window = key.Window });
    }

    private void Apply(ClientCertificateAttesterOptions options)
    {
        var known = _known;
        foreach (var thumbprint in known.Settings.Thumbprints) options.Thumbprints.Add(thumbprint);
        options.Authorities.AddRange(known.Authorities);
        options.Quota = known.Settings.Quota;
        if (known.Settings.Window is { } window) options.Window = window;
    }

    private static Known Read(TokenClientSettings settings)
    {
        var authorities = new X509Certificate2Collection();
        foreach (var file in settings.AuthorityFiles)
        {
            try
            {
                authorities.AddRange(AuthorityFile.Read(file));
            }
            catch (InvalidDataException e)
            {
                throw new InvalidConfigurationException(settings.AuthoritiesKey, file, $"a PEM file with certificates of authorities ({e.Message})");
            }
        }

        return new Known(settings, authorities);
    }

    private sealed record Known(TokenClientSettings Settings, X509Certificate2Collection Authorities);
}
