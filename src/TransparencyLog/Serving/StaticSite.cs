using TransparencyLog.Notes;
using TransparencyLog.Storage;

namespace TransparencyLog.Serving;

/// <summary>A log as files, for any host that serves files: what <see cref="LogResource"/> serves, but for the proofs, which readers make from the tiles.</summary>
internal static class StaticSite
{
    /// <summary>Writes what is new; the checkpoint last, so that it never counts what is not there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(StoredLog log, string folder)
    {
        var note = log.Published;
        foreach (var tile in TilePath.Of(Checkpoint.Parse(note.Text)!.Size))
        {
            var path = Path.Combine(folder, tile.ToString());
            if (File.Exists(path)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var partial = path + ".tmp";
            File.WriteAllBytes(partial, LogResource.Find(log, tile.ToString())!.Body);
            File.Move(partial, path, overwrite: true);
        }

        EntryStore.Replace(Path.Combine(folder, LogResource.CheckpointPath), note.ToString());
    }
}
