using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>Our proxy with one of its engines: a token of type 2 is verified and spent on a memcached of its own for every tunnel.</summary>
internal sealed class OwnProxy : IMeasuredProxy
{
    private readonly LoadedProxy _proxy;

    private OwnProxy(string name, LoadedProxy proxy, CredentialSupply credentials) => (Name, _proxy, Credentials) = (name, proxy, credentials);

    public string Name { get; }

    public CredentialSupply Credentials { get; }

    /// <summary>Without memcached: others have none.</summary>
    public ProcessTree Processes => _proxy.Processes!;

    /// <summary>CPU time of its memcached so far.</summary>
    public TimeSpan StoreTime => _proxy.StoreTime;

    public static async Task<OwnProxy> StartAsync(string name, CredentialSupply credentials, string folder)
    {
        // With HTTP/3 as well where there is libmsquic.
        var settings = new OwnSettings { Http = 3, Pay = Payment.Tokens, Store = SpentStore.Memcached, Engine = name == "native" ? ListenerEngine.Native : ListenerEngine.Kestrel };
        // The same kind of key as the others'.
        return new OwnProxy(name, await LoadedProxy.StartAsync(settings, credentials,
            new("PrivacyProxy__Tls__Certificate", Path.Combine(folder, "cert.pem")), new("PrivacyProxy__Tls__CertificateKey", Path.Combine(folder, "key.pem"))), credentials);
    }

    public ProxyAddress AddressOf(bool tls) => _proxy.AddressOf(tls);

    /// <summary>HTTP/3 is the same with both engines.</summary>
    public bool Does(RivalWork work) => Does(Name, work);

    /// <summary>The same, of one that does not run yet.</summary>
    public static bool Does(string name, RivalWork work) => work.Http != 3 || name == "native";

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private sealed record OwnSettings : TargetSettings;
}
