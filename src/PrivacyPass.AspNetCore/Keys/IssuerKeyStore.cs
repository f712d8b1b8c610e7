using System.Security.Cryptography;

namespace PrivacyPass.AspNetCore.Keys;

/// <summary>The key files of a directory: read, written whole or not at all, deleted.</summary>
internal sealed class IssuerKeyStore(string directory, IIssuerKeyVault? vault = null)
{
    private const string Suffix = ".key.json";
    private const string TemporarySuffix = ".tmp";
    private const string LockName = "issuer.lock";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan _lockPatience = TimeSpan.FromSeconds(10);

    private readonly IIssuerKeyVault _vault = vault ?? FileKeyVault.Instance;

    /// <summary>Makes the directory.</summary>
    /// <exception cref="IssuerKeyFileException">It cannot be made.</exception>
    public void Create()
    {
        try
        {
            CreateFolder(Path.GetFullPath(directory), Private | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IssuerKeyFileException($"The key directory '{directory}' cannot be made: {e.Message}", e);
        }
    }

    /// <summary>Keeps other processes from changing keys until it is disposed.</summary>
    /// <exception cref="IssuerKeyFileException">The directory cannot be used, or another has kept it for ten seconds.</exception>
    public FileStream Lock()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
        var until = Environment.TickCount64 + (long)_lockPatience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(directory, LockName), options);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (e is not IOException || e is DirectoryNotFoundException || Environment.TickCount64 >= until)
                    throw new IssuerKeyFileException($"The key directory '{directory}' cannot be used, or another process changes it: {e.Message}", e);
                Thread.Sleep(10);
            }
        }
    }

    /// <summary>What the key files are, without taking keys from them: another text when one has come, gone or changed.</summary>
    /// <exception cref="IssuerKeyFileException">The directory cannot be read.</exception>
    public string Stamp() => string.Join('\n', EnumerateFiles().Select(static path => $"{path} {StampOf(path)}"));

    /// <summary>Reads the key files; the caller disposes the keys.</summary>
    /// <param name="skipped">Told of files that cannot be used; when null the first of them is thrown.</param>
    /// <param name="known">Keys that are not read again unless their files have changed.</param>
    /// <exception cref="IssuerKeyFileException">A file cannot be read or is not a key file; names it.</exception>
    public List<StoredKey> Load(Action<IssuerKeyFileException>? skipped = null, IReadOnlyList<StoredKey>? known = null)
    {
        List<StoredKey> keys = [];
        try
        {
            foreach (var path in EnumerateFiles())
            {
                try
                {
                    var stamp = StampOf(path);
                    if (known?.FirstOrDefault(key => key.Path == path && key.Stamp == stamp) is { } unchanged) keys.Add(unchanged);
                    else if (Read(path) is { } key) keys.Add(new StoredKey(key, path, stamp));
                }
                catch (IssuerKeyFileException exception) when (skipped is not null)
                {
                    skipped(exception);
                }
            }
        }
        catch
        {
            foreach (var key in keys)
                if (known?.Contains(key) is not true) key.Key.Dispose();
            throw;
        }

        return keys;
    }

    /// <summary>Writes a key so that after a crash the file is there whole or not at all.</summary>
    /// <exception cref="IssuerKeyFileException">The file cannot be written.</exception>
    public StoredKey Save(IssuerKey key)
    {
        var path = PathOf(key);
        var temporary = path + TemporarySuffix;
        var json = IssuerKeyFile.Encode(key, _vault);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
            using (var file = new FileStream(temporary, options))
            {
                // One that a crash left behind keeps the mode it had.
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, Private);
                file.Write(json);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            return new StoredKey(key, path, StampOf(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IssuerKeyFileException($"The key file '{path}' cannot be written: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }

    /// <summary>Deletes the file of a key; one that is gone already is fine.</summary>
    /// <exception cref="IssuerKeyFileException">The file cannot be deleted.</exception>
    public static void Delete(StoredKey key)
    {
        var path = key.Path;
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IssuerKeyFileException($"The key file '{path}' cannot be deleted: {e.Message}", e);
        }
    }

    /// <summary>Those above it that are missing are nobody else's to change either, whatever the umask.</summary>
    private static void CreateFolder(string path, UnixFileMode mode)
    {
        if (Directory.Exists(path)) return;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        const UnixFileMode readByAll = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        if (Path.GetDirectoryName(path) is { } parent) CreateFolder(parent, Private | UnixFileMode.UserExecute | readByAll);
        Directory.CreateDirectory(path, mode);
    }

    private string PathOf(IssuerKey key) => Path.Combine(directory, $"type{(ushort)key.Type}-{key.KeyId.ToString()[..16]}{Suffix}");

    /// <summary>
    /// Of a file that is gone, or that cannot be read: something else than of any other. By the content: two that are written one after the other
    /// may have the same size, and the same time by the system's clock.
    /// </summary>
    private static string StampOf(string path)
    {
        try
        {
            using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return Convert.ToHexString(SHA256.HashData(content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.GetType().Name;
        }
    }

    private string[] EnumerateFiles()
    {
        try
        {
            var files = Directory.GetFiles(directory, "*" + Suffix);
            Array.Sort(files, StringComparer.Ordinal);
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IssuerKeyFileException($"The key directory '{directory}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Null when the file has just been deleted by the issuer that owns it.</summary>
    private IssuerKey? Read(string path)
    {
        byte[] json = [];
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > IssuerKeyFile.LargestFile }) throw new FormatException("it is too large");
            json = File.ReadAllBytes(path);
            return IssuerKeyFile.Decode(json, _vault);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new IssuerKeyFileException($"The key file '{path}' cannot be used: {e.Message}. Restore it, or move it away to issue with a new key.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }
}
