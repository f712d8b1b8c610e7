using Microsoft.Extensions.Options;
using PrivacyProxy.Egress;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Configuration;

/// <summary>Reads the whole section and asks every feature's validator.</summary>
internal static class ProxyOptionsReader
{
    /// <exception cref="InvalidConfigurationException">Something is wrong.</exception>
    public static ProxyOptions Read(IConfigurationSection section)
    {
        var options = OptionsReader.Read<ProxyOptions>(section);
        Require(new EgressOptionsValidator().Validate(null, options.Egress));
        Require(new TunnelOptionsValidator().Validate(null, options.Tunnels));
        Require(new DrainOptionsValidator().Validate(null, options.Drain));
        if (options.Name is { } name && IsToken(name) && section[$"{nameof(ProxyOptions.Tunnels)}:{nameof(TunnelOptions.ProxyName)}"] is null) options.Tunnels.ProxyName = name;
        return options;
    }

    /// <summary>An sf-token (RFC 9651, section 3.3.4), as Proxy-Status wants; an address is none and is not used there.</summary>
    private static bool IsToken(string name) => char.IsAsciiLetter(name[0]) && !name.Contains('[', StringComparison.Ordinal);

    private static void Require(ValidateOptionsResult result)
    {
        if (result.Failed) throw new InvalidConfigurationException([.. result.Failures]);
    }
}
