using System.ComponentModel;
using System.Globalization;

namespace PrivacyProxy.LoadTests.Targets;

/// <summary>The processes of a proxy: those named, and their children. A child that ends takes its CPU time along.</summary>
internal sealed class ProcessTree(IReadOnlyList<int> roots)
{
    private const string Compiler = ".NET Tiered Com";

    /// <summary>CPU time so far, user and system.</summary>
    /// <exception cref="IOException">A named process has ended.</exception>
    public TimeSpan ProcessorTime => Sum(static id => ProcessorClock.Read(id));

    /// <summary>Of it, what .NET's background compiler took.</summary>
    public TimeSpan CompilerTime => Sum(static id => ProcessorClock.ReadThreads(id, Compiler));

    /// <summary>Bytes in memory; those that children share with their parent count for each.</summary>
    /// <exception cref="IOException">A named process has ended.</exception>
    public long ResidentBytes
    {
        get
        {
            long pages = 0;
            foreach (var id in All()) pages += long.Parse(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1], CultureInfo.InvariantCulture);
            return pages * Environment.SystemPageSize;
        }
    }

    private TimeSpan Sum(Func<int, TimeSpan> read)
    {
        var sum = TimeSpan.Zero;
        foreach (var id in All())
        {
            try
            {
                sum += read(id);
            }
            catch (Exception e) when (e is Win32Exception or IOException)
            {
                if (roots.Contains(id)) throw new IOException($"The process {id} has ended.", e);
            }
        }

        return sum;
    }

    private List<int> All()
    {
        var parents = Directory.EnumerateDirectories("/proc").Select(static path => Path.GetFileName(path)).Where(static name => char.IsAsciiDigit(name[0]))
            .Select(static name => int.Parse(name, CultureInfo.InvariantCulture)).ToDictionary(static id => id, ParentOf);
        var all = roots.ToList();
        for (var i = 0; i < all.Count; i++) all.AddRange(parents.Where(pair => pair.Value == all[i] && !all.Contains(pair.Key)).Select(static pair => pair.Key));
        return all;
    }

    private static int ParentOf(int id)
    {
        try
        {
            // The name before may hold anything, spaces and brackets too.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
