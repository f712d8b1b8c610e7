namespace PrivacyProxy.Certificates;

/// <summary>Files and folders with modes of their own, whatever the umask of who started the process.</summary>
internal static class OwnFiles
{
    /// <summary>For what everybody may read: 0644.</summary>
    public const UnixFileMode PublicFile = PrivateFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>For keys: 0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>0755; a umask may make it tighter.</summary>
    public const UnixFileMode PublicFolder = PrivateFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>0700.</summary>
    public const UnixFileMode PrivateFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes a folder and those above it that are missing; one that is there stays as it is.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void CreateFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) return;
        if (Path.GetDirectoryName(full) is { } parent) CreateFolder(parent, PublicFolder);
        Directory.CreateDirectory(full, mode);
    }

    /// <summary>Writes a file under another name and renames it into place, so that nobody reads half of it or with another mode.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, string text, UnixFileMode mode)
    {
        var partial = $"{path}.{Environment.ProcessId}";
        File.Delete(partial);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = PrivateFile;
        using (var file = new StreamWriter(partial, options))
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(((FileStream)file.BaseStream).SafeFileHandle, mode);
            file.Write(text);
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Whether a file is there that only its owner can read or change.</summary>
    public static bool IsPrivate(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ~PrivateFolder) == UnixFileMode.None);
}
