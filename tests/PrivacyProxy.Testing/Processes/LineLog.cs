namespace PrivacyProxy.Testing.Processes;

/// <summary>The lines a process has written to one of its streams; waiters wake at every line and at the end.</summary>
internal sealed class LineLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = New();
    private bool _ended;

    public string Text
    {
        get
        {
            lock (_lock) return string.Join('\n', _lines);
        }
    }

    /// <summary>Adds a line; null marks the end, as <see cref="System.Diagnostics.Process"/> reports it.</summary>
    public void Append(string? line)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (line is null) _ended = true;
            else _lines.Add(line);
            (changed, _changed) = (_changed, New());
        }

        changed.SetResult();
    }

    /// <summary>Waits until enough lines match; false when the stream ended first.</summary>
    public async Task<IReadOnlyList<string>?> WaitForAsync(Func<string, bool> match, int count, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                var found = _lines.Where(match).ToList();
                if (found.Count >= count) return found;
                if (_ended) return null;
                changed = _changed.Task;
            }

            await changed.WaitAsync(deadline.Token);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
