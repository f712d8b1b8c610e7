using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Tunnels;

public class TunnelOptionsValidatorTests
{
    [Fact]
    public void The_defaults_are_valid()
    {
        Assert.True(new TunnelOptionsValidator().Validate(null, new TunnelOptions()).Succeeded);
        Assert.True(new DrainOptionsValidator().Validate(null, new DrainOptions()).Succeeded);
    }

    [Fact]
    public void Every_wrong_value_is_named_with_its_full_key_and_what_is_allowed()
    {
        var options = new TunnelOptions { MaxTunnels = 0, IdleTimeout = TimeSpan.FromSeconds(-1), ProxyName = "a \"b\"", MaxRequestHeadSize = 1 };
        var failures = new TunnelOptionsValidator().Validate(null, options).Failures!.ToList();
        Assert.Equal(4, failures.Count);
        Assert.Contains("PrivacyProxy:Tunnels:MaxTunnels is '0'; allowed: 1 to 10000000.", failures);
        Assert.Contains(failures, failure => failure.StartsWith("PrivacyProxy:Tunnels:IdleTimeout is '-00:00:01'; allowed:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_negative_drain_timeout_is_named_with_its_full_key()
    {
        var failure = new DrainOptionsValidator().Validate(null, new DrainOptions { Timeout = TimeSpan.FromSeconds(-1) }).FailureMessage;
        Assert.StartsWith("PrivacyProxy:Drain:Timeout is '-00:00:01'; allowed:", failure, StringComparison.Ordinal);
    }
}
