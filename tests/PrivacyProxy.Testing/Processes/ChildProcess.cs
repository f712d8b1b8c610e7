using System.Diagnostics;
using System.Globalization;

namespace PrivacyProxy.Testing.Processes;

/// <summary>One program started by a test or load test; it dies with it and never any other does.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Far above what any start or stop takes, so that a busy machine fails no test.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;

    private ChildProcess(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        CommandLine = string.Join(' ', start.ArgumentList);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Output.Append(e.Data);
        _process.ErrorDataReceived += (_, e) => Errors.Append(e.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public int Id => _process.Id;

    /// <summary>CPU time of all its threads so far.</summary>
    public TimeSpan ProcessorTime => ProcessorClock.Read(_process.Id);

    /// <summary>Of it, what the runtime's background compiler took.</summary>
    public TimeSpan CompilerTime => ProcessorClock.ReadThreads(_process.Id, ".NET Tiered Com");

    public string CommandLine { get; }

    public LineLog Output { get; } = new();

    public LineLog Errors { get; } = new();

    /// <summary>Everything it has said, for assertions on what must never be said.</summary>
    public string Log => Output.Text + "\n" + Errors.Text;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts any program.</summary>
    public static ChildProcess Start(string program, params IEnumerable<string> arguments) => new(program, arguments, environment: null);

    /// <summary>Starts our own executable, in a folder or that of temporary files.</summary>
    public static ChildProcess StartProduct(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null) =>
        new("dotnet", ["exec", Product.Assembly, .. arguments], environment, folder);

    /// <summary>Starts our own executable with so many descriptors and no more.</summary>
    public static ChildProcess StartProductWithDescriptors(int limit, IEnumerable<string> arguments, string folder) =>
        new("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -n {limit} && exec dotnet exec \"$@\""), "sh", Product.Assembly, .. arguments], environment: null, folder);

    /// <summary>Starts any program.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        new(program, arguments, environment);

    /// <summary>Runs our own executable to its end.</summary>
    public static Task<CommandResult> RunProductAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        RunAsync("dotnet", ["exec", Product.Assembly, .. arguments], environment);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var child = new ChildProcess(program, arguments, environment);
        var code = await child.WaitForExitAsync();
        return new CommandResult(code, child.Output.Text, child.Errors.Text);
    }

    /// <summary>Waits for lines of standard output that match; fails with what the process said when it ends first.</summary>
    public async Task<IReadOnlyList<string>> WaitForOutputAsync(Func<string, bool> match, int count = 1)
    {
        IReadOnlyList<string>? lines;
        try
        {
            lines = await Output.WaitForAsync(match, count, Patience);
        }
        catch (OperationCanceledException e)
        {
            throw new IOException($"'{CommandLine}' did not print what was awaited.\n{Log}", e);
        }

        if (lines is not null) return lines;
        var code = await WaitForExitAsync();
        throw new IOException($"'{CommandLine}' ended with {code} before it printed what was awaited.\n{Log}");
    }

    /// <summary>Waits for the line that says that our executable is ready; the addresses that it names.</summary>
    public async Task<IReadOnlyList<Uri>> WaitUntilReadyAsync()
    {
        const string Ready = "ready ";
        var lines = await WaitForOutputAsync(line => line.StartsWith(Ready, StringComparison.Ordinal));
        return [.. lines[0][Ready.Length..].Split([' ', ';', ','], StringSplitOptions.RemoveEmptyEntries).Select(url => new Uri(url))];
    }

    /// <summary>Waits until that many lines of standard error hold a text.</summary>
    public async Task WaitForErrorsAsync(string text, int count = 1)
    {
        try
        {
            if (await Errors.WaitForAsync(line => line.Contains(text, StringComparison.Ordinal), count, Patience) is null)
                throw new InvalidOperationException($"'{CommandLine}' ended before it said '{text}' {count} times.\n{Log}");
        }
        catch (OperationCanceledException e)
        {
            throw new InvalidOperationException($"'{CommandLine}' did not say '{text}' {count} times.\n{Log}", e);
        }
    }

    /// <summary>Waits for the end, all output included; the exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new IOException($"'{CommandLine}' does not end.\n{Log}", e);
        }

        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM, as an orchestrator does, and waits; the exit code.</summary>
    public Task<int> TerminateAsync()
    {
        PosixSignals.Terminate(_process.Id);
        return WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }
}
