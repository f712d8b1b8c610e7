using System.Threading.Tasks.Sources;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

/// <summary>A server in memory whose answers come when the test says so.</summary>
internal sealed class ScriptedReplica : IReplica
{
    private readonly HashSet<SpentTokenKey> _held = [];
    private readonly Queue<Action> _waiting = new();

    /// <summary>True: commands wait for <see cref="AnswerNext"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>What to answer instead of doing the command.</summary>
    public MemcachedReply? Fails { get; set; }

    public string Name { get; init; } = "scripted";

    public NodeStanding Standing { get; set; } = new(NodeState.Up, 1);

    public int Asked { get; private set; }

    public int Waiting => _waiting.Count;

    public List<long> Owed { get; } = [];

    public ValueTask<MemcachedReply> GetAsync(SpentTokenKey key) => Do(() => _held.Contains(key) ? MemcachedReply.Hit : MemcachedReply.Miss);

    public ValueTask<MemcachedReply> AddAsync(SpentTokenKey key, long exptime) => Do(() => _held.Add(key) ? MemcachedReply.Stored : MemcachedReply.NotStored);

    public void Owe(long sequence) => Owed.Add(sequence);

    public void Count(MemcachedReply reply) { }

    public void AnswerNext() => _waiting.Dequeue()();

    /// <summary>It restarts empty, and the proxy has seen that.</summary>
    public void LoseMemory()
    {
        _held.Clear();
        Standing = new NodeStanding(NodeState.Syncing, Standing.Incarnation + 1);
    }

    private ValueTask<MemcachedReply> Do(Func<MemcachedReply> command)
    {
        Asked++;
        var reply = Fails ?? command();
        if (!Holds) return new(reply);
        var answer = new Answer();
        _waiting.Enqueue(() => answer.Give(reply));
        return new(answer, 0);
    }

    /// <summary>Unlike a task it runs what waits for it at once, whatever the test framework's context.</summary>
    private sealed class Answer : IValueTaskSource<MemcachedReply>
    {
        private ManualResetValueTaskSourceCore<MemcachedReply> _core;

        public void Give(MemcachedReply reply) => _core.SetResult(reply);

        public MemcachedReply GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
