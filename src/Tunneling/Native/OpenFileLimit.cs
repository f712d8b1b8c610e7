using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>RLIMIT_NOFILE: how many descriptors this process may have open.</summary>
internal static partial class OpenFileLimit
{
    private const int RlimitNoFile = 7; // Linux

    /// <summary>
    /// Raises the soft limit to the hard one, which needs no privilege, and returns the limit then in force; <see cref="int.MaxValue"/> for none.
    /// Null where it cannot be asked for.
    /// </summary>
    public static int? Raise()
    {
        if (!OperatingSystem.IsLinux() || GetLimit(RlimitNoFile, out var limit) != 0) return null;
        if (limit.Soft < limit.Hard)
        {
            // Refused (by a sandbox, say): the soft one stays in force.
            var raised = new Limit { Soft = limit.Hard, Hard = limit.Hard };
            if (SetLimit(RlimitNoFile, in raised) == 0) limit = raised;
        }

        return limit.Soft > int.MaxValue ? int.MaxValue : (int)limit.Soft;
    }

    /// <summary>Descriptors open now; null where it cannot be told.</summary>
    public static int? CountOpen()
    {
        try
        {
            // One of them is that of the folder itself, for as long as it is read.
            return OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() - 1 : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    // rlim_t is as long as a machine word.
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
