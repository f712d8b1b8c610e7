using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>
/// One thread that waits for descriptors, timers and posted work, and runs what they call for. Whatever it watches lives on that thread
/// alone: is read, written and closed there, without a lock. <see cref="Post(SendOrPostCallback, object?)"/> is the one way in from outside.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    /// <summary>Bytes of <see cref="Buffer"/>.</summary>
    public const int BufferSize = 256 * 1024;

    /// <summary>A check asks, is answered, goes on and asks again: each is posted by the one before.</summary>
    private const int WorkPasses = 4;

    private const ulong WakeData = ulong.MaxValue;

    [ThreadStatic]
    private static EventLoop? t_current;

    private readonly Epoll _epoll = new();
    private readonly WakeEvent _wake = new();
    private readonly ConcurrentQueue<LoopWork> _posted = new();
    private readonly TimerWheel _timers;
    private readonly LoopContext _context;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private readonly Queue<LoopWork> _own = new();
    private Queue<LoopWork> _next = new();
    private Queue<LoopWork> _running = new();
    private (Watcher? Watcher, uint Generation)[] _slots = new (Watcher?, uint)[64];
    private readonly Stack<int> _freeSlots = new();
    private int _usedSlots;
    private int _asleep;
    private int _connections;
    private volatile bool _stopping;
    private volatile bool _ended;

    /// <param name="name">Of its thread.</param>
    /// <param name="failed">Told what a callback threw; the loop goes on. Any exception here is a fault of this program.</param>
    /// <exception cref="IOException">No descriptor left.</exception>
    public EventLoop(string name, Action<Exception> failed)
    {
        _failed = failed;
        Now = Environment.TickCount64;
        _timers = new TimerWheel(Now);
        _context = new LoopContext(this);
        if (_epoll.Add(_wake.Handle, WakeData) is not 0 and var error) throw new IOException($"epoll_ctl failed: error {error}.");
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.UnsafeStart();
    }

    /// <summary>The loop whose thread this is; null on any other.</summary>
    public static EventLoop? Current => t_current;

    /// <summary>Room for one read, shared by everything on the loop: what is in it is used before the callback that read it returns.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <summary>Milliseconds, from <see cref="Environment.TickCount64"/>, of when this turn began.</summary>
    public long Now { get; private set; }

    public bool IsCurrent => ReferenceEquals(t_current, this);

    /// <summary>Connections of clients that live here; any thread.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>What async methods here run on.</summary>
    public SynchronizationContext Context => _context;

    /// <summary>Descriptors watched, for tests.</summary>
    public int Watched => _usedSlots - _freeSlots.Count;

    /// <summary>Runs a call later, on the loop's thread, as a rule in this turn when it comes from there. Any thread; work of one thread keeps its order. After the loop's end it runs on the pool.</summary>
    public void Post(SendOrPostCallback callback, object? state)
    {
        if (IsCurrent)
        {
            _own.Enqueue(new LoopWork(callback, state));
            return;
        }

        _posted.Enqueue(new LoopWork(callback, state));
        // The queue's own interlocked operation orders this look after the enqueueing.
        if (Volatile.Read(ref _asleep) != 0 && Interlocked.Exchange(ref _asleep, 0) != 0) _wake.Set();
        if (_ended) LeaveToPool();
    }

    /// <summary>Runs a call in the next turn, when others have had theirs: for who goes on with much to do. On the loop's thread.</summary>
    public void PostNext(SendOrPostCallback callback, object? state)
    {
        Debug.Assert(IsCurrent, "Only who runs here can go on here.");
        _next.Enqueue(new LoopWork(callback, state));
    }

    /// <summary>Counts a connection in; the other way with -1. Any thread, so that one on its way here counts already.</summary>
    public void CountConnection(int change) => Interlocked.Add(ref _connections, change);

    /// <summary>Starts a timer, or starts it anew.</summary>
    public void Start(LoopTimer timer, TimeSpan delay)
    {
        Debug.Assert(IsCurrent, "Timers belong to the loop.");
        _timers.Start(timer, Environment.TickCount64, (long)Math.Ceiling(delay.TotalMilliseconds));
    }

    public void Stop(LoopTimer timer)
    {
        Debug.Assert(IsCurrent, "Timers belong to the loop.");
        _timers.Stop(timer);
    }

    /// <summary>Watches a socket from now on. Returns 0 or the error number.</summary>
    internal int Watch(Watcher watcher, SafeHandle socket, EpollEvents events)
    {
        Debug.Assert(IsCurrent && watcher.Slot < 0, "Watched once, by its own loop.");
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _usedSlots++;
            if (slot == _slots.Length) Array.Resize(ref _slots, slot * 2);
        }

        ref var entry = ref _slots[slot];
        entry = (watcher, entry.Generation + 1);
        watcher.Slot = slot;
        var error = _epoll.Control(Libc.EpollAdd, socket, events, Data(slot, entry.Generation));
        if (error != 0) Forget(watcher);
        return error;
    }

    /// <summary>Changes what is watched for; what is so already is told again.</summary>
    internal int Rewatch(Watcher watcher, SafeHandle socket, EpollEvents events) =>
        _epoll.Control(Libc.EpollModify, socket, events, Data(watcher.Slot, _slots[watcher.Slot].Generation));

    /// <summary>Ends the watching and keeps the socket open.</summary>
    internal void Unwatch(Watcher watcher, SafeHandle socket)
    {
        if (watcher.Slot < 0) return;
        Forget(watcher);
        _epoll.Control(Libc.EpollDelete, socket, EpollEvents.None, 0);
    }

    /// <summary>Before its socket is closed: no event that waits already, nor one of the descriptor's next owner, comes to the watcher.</summary>
    internal void Forget(Watcher watcher)
    {
        Debug.Assert(IsCurrent, "Closing is the loop's alone.");
        if (watcher.Slot < 0) return;
        ref var entry = ref _slots[watcher.Slot];
        entry = (null, entry.Generation + 1);
        _freeSlots.Push(watcher.Slot);
        watcher.Slot = -1;
    }

    /// <summary>Ends the loop and closes what it watches. Waits for the thread, except on the thread itself.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (!IsCurrent) _thread.Join();
    }

    private static ulong Data(int slot, uint generation) => ((ulong)generation << 32) | (uint)slot;

    private void Run()
    {
        t_current = this;
        SynchronizationContext.SetSynchronizationContext(_context);
        while (!_stopping) Turn();
        End();
    }

    private void Turn()
    {
        var count = _epoll.Wait(Sleep());
        Volatile.Write(ref _asleep, 0);
        Now = Environment.TickCount64;
        for (var i = 0; i < count; i++) Handle(_epoll.Event(i, out var data), data);
        while (_timers.TakeDue(Now) is { } timer) Fire(timer);
        RunWork();
    }

    /// <summary>How long to wait; 0 when there is something to do already.</summary>
    private int Sleep()
    {
        if (_own.Count > 0 || _next.Count > 0 || !_posted.IsEmpty) return 0;
        var timeout = _timers.UntilNext(Environment.TickCount64);
        Volatile.Write(ref _asleep, 1);
        Interlocked.MemoryBarrier();
        // Posted before the flag could be seen: nobody will wake us for it.
        return _posted.IsEmpty && !_stopping ? timeout : 0;
    }

    private void Handle(EpollEvents events, ulong data)
    {
        if (data == WakeData)
        {
            _wake.Clear();
            return;
        }

        var slot = (int)(uint)data;
        var (watcher, generation) = _slots[slot];
        // Closed by an event before this one; the slot, or the descriptor, may have another owner by now.
        if (watcher is null || generation != (uint)(data >> 32)) return;
        try
        {
            watcher.OnEvents(events);
        }
        catch (Exception e)
        {
            Report(e);
            Abandon(watcher);
        }
    }

    private void Fire(LoopTimer timer)
    {
        try
        {
            timer.Fire();
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    /// <summary>What was there when it began, and what comes of that, within a bound: work that posts more of itself lets the sockets have their turn between.</summary>
    private void RunWork()
    {
        (_next, _running) = (_running, _next);
        while (_running.TryDequeue(out var work)) Run(work);
        for (var count = _posted.Count; count > 0 && _posted.TryDequeue(out var work); count--) Run(work);
        for (var pass = 0; pass < WorkPasses && _own.Count > 0; pass++)
            for (var count = _own.Count; count > 0 && _own.TryDequeue(out var work); count--) Run(work);
    }

    private void Run(LoopWork work)
    {
        try
        {
            work.Run();
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    private void Abandon(Watcher watcher)
    {
        try
        {
            watcher.OnAbandoned();
        }
        catch (Exception e)
        {
            Report(e);
        }
        finally
        {
            Forget(watcher);
        }
    }

    /// <summary>Tells whoever watches over the loops of an exception that nobody else can take.</summary>
    internal void Report(Exception exception)
    {
        try
        {
            _failed(exception);
        }
        catch (Exception)
        {
            // Who reports may fail too; the loop goes on.
        }
    }

    private void End()
    {
        AbandonAll();
        RunWork();
        RunWork();
        // What that work has begun to watch.
        AbandonAll();
        _ended = true;
        Interlocked.MemoryBarrier();
        while (_next.TryDequeue(out var work)) ThreadPool.UnsafeQueueUserWorkItem(static work => work.Run(), work, preferLocal: false);
        while (_own.TryDequeue(out var work)) ThreadPool.UnsafeQueueUserWorkItem(static work => work.Run(), work, preferLocal: false);
        LeaveToPool();
        t_current = null;
        SynchronizationContext.SetSynchronizationContext(null);
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void AbandonAll()
    {
        for (var i = 0; i < _usedSlots; i++)
            if (_slots[i].Watcher is { } watcher) Abandon(watcher);
    }

    private void LeaveToPool()
    {
        while (_posted.TryDequeue(out var work)) ThreadPool.UnsafeQueueUserWorkItem(static work => work.Run(), work, preferLocal: false);
    }
}
