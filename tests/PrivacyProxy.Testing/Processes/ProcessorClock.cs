using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PrivacyProxy.Testing.Processes;

/// <summary>The CPU time of another process to the nanosecond: /proc/PID/stat counts the same in ticks of 10 ms, too coarse for short rounds.</summary>
internal static partial class ProcessorClock
{
    /// <summary>All its threads, those that have ended included.</summary>
    public static TimeSpan Read(int processId)
    {
        // clock_getcpuclockid(3) as the kernel defines it: the process's scheduler clock.
        if (ClockGetTime((~processId << 3) | 2, out var time) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        return new TimeSpan(time.Seconds * TimeSpan.TicksPerSecond + time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>Of the threads that live and whose name begins so. Threads that have ended are missing.</summary>
    public static TimeSpan ReadThreads(int processId, string name)
    {
        long nanoseconds = 0;
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(thread, "comm")).StartsWith(name, StringComparison.Ordinal))
                    nanoseconds += long.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has ended since it was listed.
            }
        }

        return new TimeSpan(nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ClockGetTime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
