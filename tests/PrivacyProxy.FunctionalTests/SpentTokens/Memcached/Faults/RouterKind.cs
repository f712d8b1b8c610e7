namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>The routers that stand in for mcrouter.</summary>
public enum RouterKind
{
    /// <summary>The proxy of memcached 1.6.45, from Debian sid.</summary>
    Memcached1645,

    /// <summary>The proxy of memcached 1.6.38, from Debian trixie.</summary>
    Memcached1638,

    /// <summary>Debian's nutcracker.</summary>
    Twemproxy,

    /// <summary>The same, as it is set up by who has not read on: it puts a token anywhere, not beside its marker.</summary>
    TwemproxyWithoutTags,
}
