using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>One of the proxies that are measured beside each other.</summary>
internal interface IMeasuredProxy : IAsyncDisposable
{
    string Name { get; }

    /// <summary>What its tunnels are paid with.</summary>
    CredentialSupply Credentials { get; }

    /// <summary>Whose CPU and memory are its cost.</summary>
    ProcessTree Processes { get; }

    ProxyAddress AddressOf(bool tls);

    /// <summary>Whether it can do the work at all.</summary>
    bool Does(RivalWork work);
}
