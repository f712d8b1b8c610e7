namespace PrivacyProxy.LoadTests.Targets;

/// <summary>Where a proxy that is started for the load remembers spent tokens.</summary>
internal enum SpentStore
{
    /// <summary>In its memory.</summary>
    Memory,

    /// <summary>On a memcached that is started beside it.</summary>
    Memcached,
}
