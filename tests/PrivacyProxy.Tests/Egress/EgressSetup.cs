using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Egress.Resolution;

namespace PrivacyProxy.Tests.Egress;

/// <summary>Puts the parts of the egress together for a test.</summary>
internal static class EgressSetup
{
    public static IOptions<EgressOptions> Options(Action<EgressOptions>? configure = null)
    {
        var options = new EgressOptions { AllowedPorts = "any" };
        configure?.Invoke(options);
        return Microsoft.Extensions.Options.Options.Create(options);
    }

    public static EgressPolicy Policy(Action<EgressOptions>? configure = null, params IPAddress[] own) =>
        new(Options(configure), new OwnAddresses(TimeProvider.System, () => own));

    public static SourcePools Pools(params PoolOptions[] pools) => new(Options(options => options.Pools = [.. pools]));

    public static CachingResolver Resolver(ManualTime time, Action<ResolverOptions> configure)
    {
        var options = Options(egress =>
        {
            egress.Resolver.UseHostsFile = false;
            configure(egress.Resolver);
        });
        var system = new SystemNames(options, time);
        return new CachingResolver(options, system, new DnsClient(options, system, time), time);
    }
}
