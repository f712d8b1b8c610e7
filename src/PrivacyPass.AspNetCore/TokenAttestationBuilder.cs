using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Attestation.Quotas;

namespace PrivacyPass.AspNetCore;

/// <summary>
/// Says who gets tokens. Bearer keys and client certificates may be on together: what is in Authorization decides, without it the
/// certificate does. <see cref="AllowEverybody"/> and an attester of your own stand alone; the last one named counts.
/// </summary>
public sealed class TokenAttestationBuilder
{
    internal TokenAttestationBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gives tokens to everybody who asks. For development: the start of the log says so as a warning.</summary>
    public TokenAttestationBuilder AllowEverybody() => UseAttester<OpenAttester>();

    /// <summary>Gives tokens for bearer keys, each within its quota: 401 without one, 403 for a suspended one, 429 with Retry-After when its quota is used up.</summary>
    /// <param name="configure">Names the keys; asked again when an <see cref="IOptionsChangeTokenSource{TOptions}"/> of the options says so.</param>
    public TokenAttestationBuilder UseBearerKeys(Action<BearerAttesterOptions> configure)
    {
        Services.AddOptions<BearerAttesterOptions>().Configure(configure).ValidateOnStart();
        Services.AddSingleton<IValidateOptions<BearerAttesterOptions>>(new OptionsValidator<BearerAttesterOptions>(options => options.Validate()));
        return Use<BearerAttestation>();
    }

    /// <summary>Gives tokens for TLS client certificates; the server must be set to ask for them. 403 without one, or with another.</summary>
    /// <param name="configure">Names the certificates or their authorities; asked again when an <see cref="IOptionsChangeTokenSource{TOptions}"/> of the options says so.</param>
    public TokenAttestationBuilder UseClientCertificates(Action<ClientCertificateAttesterOptions> configure)
    {
        Services.AddOptions<ClientCertificateAttesterOptions>().Configure(configure).ValidateOnStart();
        Services.AddSingleton<IValidateOptions<ClientCertificateAttesterOptions>>(
            new OptionsValidator<ClientCertificateAttesterOptions>(options => options.Validate()));
        return Use<ClientCertificateAttestation>();
    }

    /// <summary>Keeps in a file what is used of quotas, over restarts, and for several processes of one machine together; without it, they are counted in memory.</summary>
    /// <param name="file">A file of its own, made where there is none; its folder must be there, on a disk of this machine.</param>
    public TokenAttestationBuilder KeepQuotas(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        Services.Replace(ServiceDescriptor.Singleton(provider => new TokenQuotas(file, provider.GetRequiredService<TimeProvider>())));
        return this;
    }

    /// <summary>Asks an attester of your own.</summary>
    /// <typeparam name="T">The attester; a singleton.</typeparam>
    public TokenAttestationBuilder UseAttester<T>()
        where T : class, ITokenRequestAttester
    {
        Services.Replace(ServiceDescriptor.Singleton<ITokenRequestAttester, T>());
        return this;
    }

    /// <summary>Adds a way to know clients.</summary>
    internal TokenAttestationBuilder Use<T>()
        where T : class, IAttestation
    {
        Services.TryAddSingleton(static provider => new TokenQuotas(file: null, provider.GetRequiredService<TimeProvider>()));
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IAttestation, T>());
        return UseAttester<QuotaAttester>();
    }
}
