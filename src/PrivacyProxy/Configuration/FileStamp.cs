using System.Globalization;
using System.Text;

namespace PrivacyProxy.Configuration;

/// <summary>Tells whether files are still the same, by looking: it needs no watcher of the system's, and sees through the links by which certbot and Kubernetes change files.</summary>
internal static class FileStamp
{
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
            if (target is FileInfo { Exists: true } file) stamp.Append(CultureInfo.InvariantCulture, $"{file.FullName}|{file.LastWriteTimeUtc.Ticks}|{file.Length}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            stamp.Append(exception.GetType().Name);
        }

        stamp.Append('\n');
    }
}
