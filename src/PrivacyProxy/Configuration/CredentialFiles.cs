namespace PrivacyProxy.Configuration;

/// <summary>
/// Settings out of files, one each, named as the variable of the environment would be: what systemd's LoadCredential= puts into
/// $CREDENTIALS_DIRECTORY, and what Kubernetes mounts of a secret. Unlike the environment, they are not seen in /proc.
/// </summary>
internal static class CredentialFiles
{
    private const string Variable = "CREDENTIALS_DIRECTORY";
    private const string Separator = "__";

    /// <summary>The folder, null without.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <exception cref="InvalidConfigurationException">A file cannot be read.</exception>
    public static List<KeyValuePair<string, string?>> Read()
    {
        var settings = new List<KeyValuePair<string, string?>>();
        if (Folder is not { } folder) return settings;
        try
        {
            // Others are for settings that name files, such as a certificate's key.
            foreach (var file in Directory.EnumerateFiles(folder, $"*{Separator}*"))
                settings.Add(new(Path.GetFileName(file).Replace(Separator, ":", StringComparison.Ordinal), File.ReadAllText(file).TrimEnd('\r', '\n')));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException(Variable, folder, $"a folder whose files can be read ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }

        return settings;
    }
}
