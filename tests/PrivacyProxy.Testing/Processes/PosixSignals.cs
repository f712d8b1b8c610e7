using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PrivacyProxy.Testing.Processes;

/// <summary>kill(2) for signals that <see cref="System.Diagnostics.Process"/> cannot send.</summary>
internal static partial class PosixSignals
{
    private const int Hup = 1;
    private const int Int = 2;
    private const int Term = 15;
    private const int Cont = 18;
    private const int Stop = 19;

    /// <summary>SIGINT: asked to end, as by Ctrl+C.</summary>
    public static void Interrupt(int processId) => Send(processId, Int);

    /// <summary>SIGTERM: asked to end, as by an orchestrator.</summary>
    public static void Terminate(int processId) => Send(processId, Term);

    /// <summary>SIGHUP: settings are to be read again.</summary>
    public static void HangUp(int processId) => Send(processId, Hup);

    /// <summary>SIGSTOP: the process keeps its sockets and memory and does nothing. Returns once all its threads stand: they work until one of them has got the signal.</summary>
    public static void Suspend(int processId)
    {
        Send(processId, Stop);
        if (!SpinWait.SpinUntil(() => Stands(processId), ChildProcess.Patience)) throw new IOException($"Process {processId} does not stop.");
    }

    /// <summary>SIGCONT: it goes on where it was.</summary>
    public static void Resume(int processId) => Send(processId, Cont);

    private static bool Stands(int processId)
    {
        try
        {
            // "ID (NAME) STATE ..."; T for stopped, Z for a thread that has ended.
            return Directory.GetDirectories($"/proc/{processId}/task").Select(static task => File.ReadAllText(Path.Combine(task, "stat")))
                .All(static stat => stat[stat.LastIndexOf(')') + 2] is 'T' or 'Z');
        }
        catch (IOException)
        {
            // A thread has ended meanwhile.
            return false;
        }
    }

    private static void Send(int processId, int signal)
    {
        // 0 and negative ids address whole process groups.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        if (Kill(processId, signal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
