using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>What a proxy's <c>/metrics</c> say of its nodes.</summary>
internal sealed class StoreMetrics(ProxyMeter meter)
{
    private const string Prefix = "privacy_proxy_spent_token_store_";

    /// <summary>Checks of a node that it did not decide, whatever the reason.</summary>
    public double Unavailable(string node) => Sum("unavailable_total", node);

    /// <summary>Reasons counted for a node.</summary>
    public IReadOnlyCollection<string> Reasons(string node) => [.. Of("unavailable_total", node).Where(static sample => sample.Value > 0).Select(static sample => sample.Labels["reason"]).Distinct()];

    /// <summary>An operator who looks at the node sees that something is wrong, or was.</summary>
    public bool ShowTrouble(string node) => Unavailable(node) > 0 || Reconnects(node) > 0 || !IsUp(node);

    public double Reconnects(string node) => Sum("reconnects_total", node);

    public double MemoryLost(string node) => Sum("memory_lost_total", node);

    /// <summary>Whether a node votes.</summary>
    public bool IsUp(string node) => State(node, "up");

    public bool State(string node, string state) => Of("node_state", node).Any(sample => sample.Labels["state"] == state && sample.Value == 1);

    private double Sum(string name, string node) => Of(name, node).Sum(static sample => sample.Value);

    private IEnumerable<MetricSample> Of(string name, string node) => ScrapedMetrics.Of(meter).Where(sample => sample.Name == Prefix + name && sample.Labels["node"] == node);
}
