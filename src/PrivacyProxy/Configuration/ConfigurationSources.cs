namespace PrivacyProxy.Configuration;

/// <summary>
/// Where settings come from, each over the one before: appsettings.json beside the executable, in the working directory, --config,
/// the files of $CREDENTIALS_DIRECTORY, environment, flags.
/// </summary>
internal static class ConfigurationSources
{
    private const string FileName = "appsettings.json";

    /// <param name="configuration">Gets the sources, instead of any it had.</param>
    /// <param name="file">The file of --config, null without.</param>
    /// <param name="flags">Makes the settings of flags; given what the other sources say, so that lists can go on where those end.</param>
    /// <exception cref="InvalidConfigurationException">A file is missing or is not JSON.</exception>
    public static void Apply(ConfigurationManager configuration, string? file, Func<IConfiguration, IEnumerable<KeyValuePair<string, string?>>> flags)
    {
        if (file is not null && !File.Exists(file)) throw new InvalidConfigurationException("--config", file, "a file that exists");
        configuration.Sources.Clear();
        foreach (var path in Files(file)) AddFile(configuration, path);
        configuration.AddInMemoryCollection(CredentialFiles.Read());
        configuration.AddEnvironmentVariables();
        configuration.AddInMemoryCollection(flags(configuration).ToList());
    }

    /// <summary>The JSON files there are, in rising order.</summary>
    /// <param name="file">The file of --config, null without.</param>
    public static IEnumerable<string> Files(string? file)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, FileName);
        var here = Path.GetFullPath(FileName);
        if (File.Exists(beside)) yield return beside;
        if (here != beside && File.Exists(here)) yield return here;
        if (file is not null) yield return Path.GetFullPath(file);
    }

    private static void AddFile(ConfigurationManager configuration, string path)
    {
        try
        {
            configuration.AddJsonFile(source =>
            {
                source.Path = path;
                // Changes are noticed by LiveConfiguration, for all files together.
                source.ReloadOnChange = false;
                source.ResolveFileProvider();
            });
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException("Configuration file", path, $"a readable JSON file ({Reason(exception)})");
        }
    }

    private static string Reason(Exception exception) => exception.GetBaseException().Message.ReplaceLineEndings(" ");
}
