namespace PrivacyProxy.Admission;

/// <summary>Keeps a reader from reading on for a while.</summary>
internal sealed class ReadGate
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _opened;

    public bool IsOpen
    {
        get
        {
            lock (_gate) return _opened is null;
        }
    }

    public void Close()
    {
        lock (_gate) _opened ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Open()
    {
        lock (_gate)
        {
            _opened?.SetResult();
            _opened = null;
        }
    }

    /// <summary>Completes at once while it is open.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return _opened?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }
}
