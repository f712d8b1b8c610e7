using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PrivacyProxy.Configuration;

/// <summary>Tells whether files are still the same, by looking: it needs no watcher of the system's, and sees through the links by which certbot and Kubernetes change files.</summary>
internal static class FileStamp
{
    /// <summary>Bytes of the largest file whose content is looked at; of larger ones the times and sizes alone.</summary>
    private const long MaxContent = 1024 * 1024;

    /// <summary>Another text when one of the files, or a file in one of the folders, was written, replaced, added or removed.</summary>
    public static string Of(IEnumerable<string> paths)
    {
        var stamp = new StringBuilder();
        foreach (var path in paths)
        {
            if (!Directory.Exists(path)) Add(stamp, path);
            else foreach (var entry in Entries(path)) Add(stamp, entry);
        }

        return stamp.ToString();
    }

    private static string[] Entries(string folder)
    {
        try
        {
            var entries = Directory.GetFiles(folder);
            Array.Sort(entries, StringComparer.Ordinal);
            return entries;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [folder];
        }
    }

    private static void Add(StringBuilder stamp, string path)
    {
        stamp.Append(path).Append('|');
        try
        {
            // A link's own time says nothing of what it leads to.
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
            if (target is FileInfo { Exists: true } file)
            {
                stamp.Append(CultureInfo.InvariantCulture, $"{file.FullName}|{file.LastWriteTimeUtc.Ticks}|{file.Length}");
                // Two files of one size that are written one after the other have the same time by the system's clock. A pipe has no length, and is not read.
                if (file.Length is > 0 and <= MaxContent) stamp.Append('|').Append(Digest(file));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            stamp.Append(exception.GetType().Name);
        }

        stamp.Append('\n');
    }

    private static string Digest(FileInfo file)
    {
        using var content = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Convert.ToHexString(SHA256.HashData(content));
    }
}
