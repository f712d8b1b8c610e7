using System.Diagnostics;
using System.Text;

namespace PrivacyProxy.FunctionalTests.Serving;

/// <summary>The built privacy-proxy as a child process, in a folder of its own, with everything it prints.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _errorsEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProxyProcess(string folder, IEnumerable<string> arguments, params (string Key, string Value)[] environment)
        : this(folder, ["dotnet"], arguments, environment)
    {
    }

    private ProxyProcess(string folder, string[] program, IEnumerable<string> arguments, (string Key, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program[0]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var argument in program[1..]) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "privacy-proxy.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment) start.Environment[key] = value;
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) _errorsEnd.TrySetResult();
            else lock (_errors) _errors.AppendLine(line.Data);
        };
        _process.Start();
        _process.BeginErrorReadLine();
    }

    /// <summary>With so many descriptors and no more.</summary>
    public static ProxyProcess WithDescriptors(int limit, string folder, params string[] arguments) =>
        new(folder, ["/bin/sh", "-c", $"ulimit -n {limit} && exec dotnet \"$@\"", "sh"], arguments, []);

    public int Id => _process.Id;

    public string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString();
        }
    }

    /// <summary>The next line of standard output; null at its end.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(_patience);

    /// <summary>Waits for the ready line; the URLs it names.</summary>
    public async Task<string[]> ReadyAsync()
    {
        var line = await ReadLineAsync();
        Assert.True(line?.StartsWith("ready ", StringComparison.Ordinal) == true, $"'{line}' is not the ready line; standard error: {Errors}");
        return line!["ready ".Length..].Split(' ');
    }

    public void Terminate()
    {
        // The shell's own kill: no package provides /bin/kill everywhere.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_patience);
        await _errorsEnd.Task.WaitAsync(_patience);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
