using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Redemption;

namespace PrivacyProxy.Hosting.Management;

/// <summary>Whether the proxy can take tunnels now, and what is in the way.</summary>
internal sealed class ProxyReadiness(AcceptedKeySet keys, ISpentTokenStore store, IOptionsMonitor<AuthenticationOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    public bool IsReady => Missing().Count == 0;

    /// <summary>What is not ready, in words; empty when everything is. Names issuers and the store, no clients.</summary>
    public IReadOnlyList<string> Missing()
    {
        List<string> missing = [];
        if (!lifetime.ApplicationStarted.IsCancellationRequested) missing.Add("starting");
        if (lifetime.ApplicationStopping.IsCancellationRequested) missing.Add("draining");
        if (!options.CurrentValue.Required) return missing;
        if (store.NotReady is { } notReady) missing.Add(notReady);
        foreach (var issuer in keys.Current.Pending) missing.Add($"no keys of issuer {issuer}");
        return missing;
    }

    /// <summary>What is odd though it is ready; null when nothing is.</summary>
    public string? Note => ClockWatch.Note(time);
}
