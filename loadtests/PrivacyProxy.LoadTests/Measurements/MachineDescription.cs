using System.Reflection;
using System.Runtime.InteropServices;

namespace PrivacyProxy.LoadTests.Measurements;

/// <summary>Where and with what numbers were measured: figures without it mean nothing.</summary>
internal sealed record MachineDescription(string Processor, int Cores, string System, string Runtime, string Version, string LoadAverage, DateTimeOffset Date)
{
    public static MachineDescription Read() => new(
        FirstLine("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        // With the commit after the plus sign.
        typeof(MachineDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        FirstLine("/proc/loadavg", ""),
        DateTimeOffset.UtcNow);

    public override string ToString() => $"{Processor}, {Cores} cores, {Runtime}, load {LoadAverage}";

    private static string FirstLine(string path, string start)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) ?? "";
            return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
