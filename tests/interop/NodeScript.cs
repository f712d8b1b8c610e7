using System.ComponentModel;
using System.Diagnostics;

namespace Interop.Tests;

/// <summary>One of the scripts in node/, running.</summary>
internal sealed class NodeScript : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly Task<string> _errors;

    private NodeScript(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Why the scripts cannot run here; null when they can.</summary>
    public static string? Absent { get; } = FindAbsent();

    /// <summary>tests/interop, above the folder of the built tests.</summary>
    private static string Folder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "node", "client.mjs"))) folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException("tests/interop was not found above the tests.");
        }
    }

    public static NodeScript Start(string script, params string[] arguments) =>
        new(Process.Start(StartInfo([Path.Combine("node", script), .. arguments])) ?? throw new InvalidOperationException("node did not start."));

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>The next line of standard output; the script's errors in the exception when there is none.</summary>
    public async Task<string> ReadLineAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(_patience);
        return line ?? throw new InvalidOperationException("The script ended: " + await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_patience);
        }
        finally
        {
            if (!_process.HasExited) _process.Kill();
            _process.Dispose();
        }
    }

    private static ProcessStartInfo StartInfo(string[] arguments) => new("node", arguments)
    {
        WorkingDirectory = Folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static string? FindAbsent()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "@cloudflare", "privacypass-ts"))) return "npm ci --prefix tests/interop has not been run.";
        try
        {
            using var process = Process.Start(StartInfo(["--version"]))!;
            process.WaitForExit();
            return null;
        }
        catch (Win32Exception)
        {
            return "node is not installed.";
        }
    }
}
