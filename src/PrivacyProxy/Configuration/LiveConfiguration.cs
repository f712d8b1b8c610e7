namespace PrivacyProxy.Configuration;

/// <summary>
/// The configuration of a host that goes on. All sources are read as one, and again when that is asked for: what was read is looked at
/// first, and then taken as a whole or not at all, so that no reader ever sees half of a change.
/// </summary>
/// <param name="file">The file of --config, null without.</param>
/// <param name="flags">As <see cref="ConfigurationSources.Apply"/> takes them.</param>
internal sealed class LiveConfiguration(string? file, Func<IConfiguration, IEnumerable<KeyValuePair<string, string?>>> flags) : ConfigurationProvider, IConfigurationSource
{
    private IReadOnlyList<string> _files = [];

    /// <summary>What is read from: files, and the folder of credentials.</summary>
    public IEnumerable<string> Files => CredentialFiles.Folder is { } folder ? _files.Append(folder) : _files;

    /// <summary>Makes it the only source of a host, with what the sources say now.</summary>
    /// <exception cref="InvalidConfigurationException">A file is missing or is not JSON.</exception>
    public void AddTo(ConfigurationManager configuration)
    {
        using var first = ReadAgain();
        Use(first);
        configuration.Sources.Clear();
        configuration.Sources.Add(this);
    }

    /// <summary>What the sources say now; nothing is taken of it yet.</summary>
    /// <exception cref="InvalidConfigurationException">A file is missing, one that was there before too, or is not JSON.</exception>
    public ConfigurationManager ReadAgain()
    {
        // Gone is not empty: the settings of a file that is away for a moment would be the defaults.
        if (_files.FirstOrDefault(static path => !File.Exists(path)) is { } missing) throw new InvalidConfigurationException("Configuration file", missing, "a file that exists");
        var read = new ConfigurationManager();
        try
        {
            ConfigurationSources.Apply(read, file, flags);
            return read;
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    /// <summary>Takes what was read; everybody who listens hears of it once.</summary>
    public void Use(IConfiguration read)
    {
        _files = [.. ConfigurationSources.Files(file)];
        Data = new Dictionary<string, string?>(read.AsEnumerable(), StringComparer.OrdinalIgnoreCase);
        OnReload();
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
