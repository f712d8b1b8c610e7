using Masque.Templates;
using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>Where connect-udp and connect-tcp are served: the default templates, and those of the configuration.</summary>
internal sealed class TunnelResources
{
    private readonly TunnelResource[] _resources;

    public TunnelResources(IOptions<TunnelOptions> options) => _resources =
    [
        .. new[]
        {
            (TunnelKind.ConnectUdp, Template: options.Value.UdpTemplate),
            (TunnelKind.ConnectTcp, Template: options.Value.TcpTemplate),
            (TunnelKind.ConnectUdp, Template: MasqueTemplates.DefaultUdp),
            (TunnelKind.ConnectTcp, Template: MasqueTemplates.DefaultTcp),
        }
        .Select(static pair => TargetTemplate.TryParse(pair.Template, out var template) ? new TunnelResource(pair.Item1, template) : null)
        .OfType<TunnelResource>(),
    ];

    /// <summary>The resources to tell clients of: the configured one of each kind before the default one.</summary>
    public IReadOnlyList<TunnelResource> All => _resources;

    /// <summary>The kind of tunnel an upgrade token or <c>:protocol</c> asks for; null for one that is unknown.</summary>
    public static TunnelKind? KindOf(string? protocol) =>
        string.Equals(protocol, MasqueTemplates.ConnectUdp, StringComparison.OrdinalIgnoreCase) ? TunnelKind.ConnectUdp
        : string.Equals(protocol, MasqueTemplates.ConnectTcp, StringComparison.OrdinalIgnoreCase) ? TunnelKind.ConnectTcp
        : null;

    /// <summary>The upgrade token of a kind.</summary>
    public static string TokenOf(TunnelKind kind) => kind == TunnelKind.ConnectUdp ? MasqueTemplates.ConnectUdp : MasqueTemplates.ConnectTcp;

    /// <summary>Finds what a request target names; null when it is no tunnel.</summary>
    /// <param name="rawTarget">As received: origin-form or absolute-form, nothing decoded.</param>
    public TunnelResourceMatch? Match(string rawTarget)
    {
        var path = PathAndQuery(rawTarget);
        foreach (var resource in _resources)
        {
            if (!resource.Template.TryMatch(path, out var host, out var port)) continue;
            TunnelTarget? target = null;
            var error = host is null || port is null ? TunnelTargetError.InvalidCharacter : TunnelTargetParser.TryParse(host, port, out target);
            return new TunnelResourceMatch(resource.Kind, target, error);
        }

        return null;
    }

    private static ReadOnlySpan<char> PathAndQuery(ReadOnlySpan<char> target)
    {
        var scheme = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return target;
        var authority = target[(scheme + 3)..];
        var slash = authority.IndexOf('/');
        return slash < 0 ? [] : authority[slash..];
    }
}
