using System.Security.Cryptography;

namespace PrivacyPass.AspNetCore.Keys;

/// <summary>The key files of a directory: read, written whole or not at all, deleted.</summary>
internal sealed class IssuerKeyStore(string directory)
{
    private const string Suffix = ".key.json";
    private const string TemporarySuffix = ".tmp";
    private const string LockName = "issuer.lock";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the directory and keeps other issuers out of it until the result is disposed.</summary>
    /// <exception cref="IssuerKeyFileException">The directory cannot be made, or another issuer has it.</exception>
    public FileStream CreateAndLock()
    {
        var path = Path.Combine(directory, LockName);
        try
        {
            CreateFolder(Path.GetFullPath(directory), Private | UnixFileMode.UserExecute);
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
            return new FileStream(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IssuerKeyFileException($"The key directory '{directory}' cannot be used, or another issuer is using it: {e.Message}", e);
        }
    }

    /// <summary>Reads every key file; the caller disposes the keys.</summary>
    /// <param name="skipped">Told of files that cannot be used; when null the first of them is thrown.</param>
    /// <exception cref="IssuerKeyFileException">A file cannot be read or is not a key file; names it.</exception>
    public List<IssuerKey> Load(Action<IssuerKeyFileException>? skipped = null)
    {
        List<IssuerKey> keys = [];
        try
        {
            foreach (var path in EnumerateFiles())
            {
                try
                {
                    if (Read(path) is { } key) keys.Add(key);
                }
                catch (IssuerKeyFileException exception) when (skipped is not null)
                {
                    skipped(exception);
                }
            }
        }
        catch
        {
            keys.ForEach(key => key.Dispose());
            throw;
        }

        return keys;
    }

    /// <summary>Writes a key so that after a crash the file is there whole or not at all.</summary>
    /// <exception cref="IssuerKeyFileException">The file cannot be written.</exception>
    public void Save(IssuerKey key)
    {
        var path = PathOf(key);
        var temporary = path + TemporarySuffix;
        var json = IssuerKeyFile.Encode(key);
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

    /// <summary>Deletes the file of an expired key; one that is gone already is fine.</summary>
    /// <exception cref="IssuerKeyFileException">The file cannot be deleted.</exception>
    public void Delete(IssuerKey key)
    {
        var path = PathOf(key);
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IssuerKeyFileException($"The expired key file '{path}' cannot be deleted: {e.Message}", e);
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
    private static IssuerKey? Read(string path)
    {
        byte[] json = [];
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > IssuerKeyFile.LargestFile }) throw new FormatException("it is too large");
            json = File.ReadAllBytes(path);
            return IssuerKeyFile.Decode(json);
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
