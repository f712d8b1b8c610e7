namespace PrivacyProxy.Hosting.Reloading;

/// <summary>What a program reads again, beside its configuration.</summary>
internal interface IReloadPlan
{
    /// <summary>Files that the configuration in force names.</summary>
    IEnumerable<string> Files { get; }

    /// <summary>Looks at a configuration and at all it names, and changes nothing; what is returned takes it into use and cannot fail.</summary>
    /// <exception cref="Configuration.InvalidConfigurationException">Something is wrong with it, or with a file it names.</exception>
    Action Prepare(IConfiguration next);

    /// <summary>A reload was asked for by a signal: what is fetched now and then is fetched now.</summary>
    void Refresh();
}
