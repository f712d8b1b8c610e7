using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Attestation;

namespace PrivacyPass.AspNetCore;

/// <summary>Says who gets tokens. Exactly one attester is needed; the last one named counts.</summary>
public sealed class PrivacyPassIssuerBuilder
{
    internal PrivacyPassIssuerBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gives tokens to everybody who asks. For development: the start of the log says so as a warning.</summary>
    public PrivacyPassIssuerBuilder AllowEverybody() => UseAttester<OpenAttester>();

    /// <summary>Gives tokens for bearer keys, each within its quota: 401 without one, 403 for a suspended one, 429 with Retry-After when its quota is used up.</summary>
    /// <param name="configure">Names the keys; asked again when an <see cref="IOptionsChangeTokenSource{TOptions}"/> of the options says so.</param>
    public PrivacyPassIssuerBuilder UseBearerKeys(Action<BearerAttesterOptions> configure)
    {
        Services.AddOptions<BearerAttesterOptions>().Configure(configure).ValidateOnStart();
        Services.AddSingleton<IValidateOptions<BearerAttesterOptions>>(new OptionsValidator<BearerAttesterOptions>(options => options.Validate()));
        return UseAttester<BearerAttester>();
    }

    /// <summary>Gives tokens for TLS client certificates; the server must be set to ask for them. 403 without one, or with another.</summary>
    /// <param name="configure">Names the certificates or their authorities; asked again when an <see cref="IOptionsChangeTokenSource{TOptions}"/> of the options says so.</param>
    public PrivacyPassIssuerBuilder UseClientCertificates(Action<ClientCertificateAttesterOptions> configure)
    {
        Services.AddOptions<ClientCertificateAttesterOptions>().Configure(configure).ValidateOnStart();
        Services.AddSingleton<IValidateOptions<ClientCertificateAttesterOptions>>(
            new OptionsValidator<ClientCertificateAttesterOptions>(options => options.Validate()));
        return UseAttester<ClientCertificateAttester>();
    }

    /// <summary>Asks an attester of your own.</summary>
    /// <typeparam name="T">The attester; a singleton.</typeparam>
    public PrivacyPassIssuerBuilder UseAttester<T>()
        where T : class, ITokenRequestAttester
    {
        Services.Replace(ServiceDescriptor.Singleton<ITokenRequestAttester, T>());
        return this;
    }
}
