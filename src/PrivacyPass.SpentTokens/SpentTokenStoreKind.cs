namespace PrivacyPass.SpentTokens;

/// <summary>Where spent tokens are remembered.</summary>
public enum SpentTokenStoreKind
{
    /// <summary>In this process; lost when it ends.</summary>
    Memory,

    /// <summary>In a file of this machine.</summary>
    Sqlite,

    /// <summary>Shared by many proxies.</summary>
    Memcached,
}
