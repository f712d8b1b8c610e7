using PrivacyProxy.Certificates;
using TransparencyLog.Notes;

namespace PrivacyProxy.KeyLogs;

/// <summary>The private key of a log or an auditor, in a file of mode 0600.</summary>
internal static class SignerFile
{
    /// <summary>Reads the key, or makes one the first time; of several processes that start at once, one makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name of a key that is made, and of one that is read unless null.</param>
    /// <param name="fallback">The name of a key that is made where <paramref name="name"/> is null.</param>
    /// <param name="kind">What it signs.</param>
    /// <exception cref="InvalidDataException">It is no such key, or one of another name; says which file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static NoteSigner LoadOrCreate(string path, string? name, string fallback, NoteKeyKind kind)
    {
        if (!File.Exists(path)) Create(path, name ?? fallback, kind);
        NoteSigner signer;
        try
        {
            signer = NoteSigner.Parse(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"'{path}' is damaged: {e.Message}. Restore it, or move it and what it has signed away to begin anew.", e);
        }

        if (signer.Key.Kind == kind && (name is null || signer.Key.Name == name)) return signer;
        var found = signer.Key.Name;
        signer.Dispose();
        throw new InvalidDataException($"'{path}' is the key of {found}, not of {name}: whoever knows the key knows it by its name. Keep the name, or move the file and what it has signed away to begin anew.");
    }

    private static void Create(string path, string name, NoteKeyKind kind)
    {
        OwnFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, OwnFiles.PrivateFolder);
        using var signer = NoteSigner.Generate(name, kind);
        var made = $"{path}.{Guid.NewGuid():n}";
        OwnFiles.Write(made, signer.Export() + "\n", OwnFiles.PrivateFile);
        try
        {
            File.Move(made, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first.
            File.Delete(made);
        }
    }
}
