namespace PrivacyProxy.Configuration;

/// <summary>Where settings come from, each over the one before: appsettings.json beside the executable, in the working directory, --config, environment, flags.</summary>
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
        configuration.AddEnvironmentVariables();
        configuration.AddInMemoryCollection(flags(configuration).ToList());
    }

    private static IEnumerable<string> Files(string? file)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, FileName);
        var here = Path.GetFullPath(FileName);
        if (File.Exists(beside)) yield return beside;
        if (here != beside && File.Exists(here)) yield return here;
        if (file is not null) yield return Path.GetFullPath(file);
    }

    private static void AddFile(ConfigurationManager configuration, string path)
    {
        var loaded = false;
        var isWatched = CanWatch(path, out var whyNot);
        if (!isWatched) Console.Error.WriteLine($"Configuration file {path} is not watched, so a change is taken over by a restart only: {whyNot}");
        try
        {
            configuration.AddJsonFile(source =>
            {
                source.Path = path;
                source.ReloadOnChange = isWatched;
                // Not ignored: an ignored error would reload with the file's settings gone.
                source.OnLoadException = context =>
                {
                    if (loaded) Console.Error.WriteLine($"Changed configuration file {path} is not applied: {Reason(context.Exception)}");
                };
                source.ResolveFileProvider();
            });
            loaded = true;
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException("Configuration file", path, $"a readable JSON file ({Reason(exception)})");
        }
    }

    /// <summary>The system gives each user few watchers (inotify instances on Linux), which any program may have used up. That says nothing of the file.</summary>
    private static bool CanWatch(string path, out string? whyNot)
    {
        whyNot = null;
        try
        {
            using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path)) { EnableRaisingEvents = true };
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            whyNot = Reason(exception);
            return false;
        }
    }

    private static string Reason(Exception exception) => exception.GetBaseException().Message.ReplaceLineEndings(" ");
}
