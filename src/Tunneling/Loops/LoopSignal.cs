using System.Threading.Tasks.Sources;

namespace Tunneling.Loops;

/// <summary>Something one async method on a loop waits for, set on the same loop: what waited goes on at once, inside <see cref="Set"/>. Allocates nothing.</summary>
internal sealed class LoopSignal : IValueTaskSource
{
    private Action<object?>? _continuation;
    private object? _state;
    private bool _isSet;
    private short _version;

    /// <summary>Waits for the next <see cref="Set"/>; at once if it was set since the last wait. One waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        if (!_isSet) return new(this, _version);
        _isSet = false;
        return ValueTask.CompletedTask;
    }

    public void Set()
    {
        if (_isSet) return;
        _isSet = true;
        var (continuation, state) = (_continuation, _state);
        (_continuation, _state) = (null, null);
        continuation?.Invoke(state);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) =>
        token == _version && !_isSet ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;

    void IValueTaskSource.GetResult(short token)
    {
        _isSet = false;
        _version++;
    }

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        // The loop's thread sets it and the loop's thread waits: no context to go back to.
        (_continuation, _state) = (continuation, state);
    }
}
