using System.Globalization;
using System.Text;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>
/// What is known of the servers behind a router, which the proxy cannot ask one by one: many markers under keys that the
/// router spreads over them, so that each holds some, and each the tag of tokens that lie beside it. The rules, without I/O.
/// <para>
/// A marker that has changed: its server has forgotten. One that cannot be read: its server is away, and may come back
/// empty at any moment; until it has, an answer counts only if the marker could not be read after it either.
/// </para>
/// </summary>
internal sealed class RouterMarkers
{
    /// <summary>How far the clocks of proxies may be apart.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(1);

    /// <summary>Where keys have no tags.</summary>
    private const int UntaggedCount = 512;

    /// <summary>So many tokens stored while their markers' server was away: they do not lie beside them. One connection may see one by chance.</summary>
    private const int Proof = 16;

    private readonly Lock _gate = new();
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;
    private readonly Action<NodeEpoch> _forgotten;
    private readonly string[] _keys;
    private readonly NodeEpoch?[] _seen;
    private readonly byte[]?[] _known;
    private readonly bool[] _away;
    private readonly int _tags;
    private long _generation;
    private DateTimeOffset _youngest = DateTimeOffset.MinValue;
    private int _awayCount;
    private int _seenCount;
    private long _failures;
    private long _explained;
    private int _strays;
    private bool _isComplete;
    private bool _owes;

    /// <param name="keyPrefix">What keys begin with.</param>
    /// <param name="tags">How many markers there are, each the tag of a part of the keys; 0 where keys have no tags.</param>
    /// <param name="grace">For how long after a loss others may be writing their journals.</param>
    /// <param name="time">The clock.</param>
    /// <param name="forgotten">Told, before anything else can be seen of it, that a server has lost its memory, or lacks what it should hold.</param>
    public RouterMarkers(string keyPrefix, int tags, TimeSpan grace, TimeProvider time, Action<NodeEpoch> forgotten)
    {
        (_tags, _grace, _time, _forgotten) = (tags, grace, time, forgotten);
        var count = tags > 0 ? tags : UntaggedCount;
        _keys = [.. Enumerable.Range(0, count).Select(number => keyPrefix + (tags > 0 ? KeyTag.Text(number) + KeyTag.Marker : KeyTag.Marker + number.ToString(CultureInfo.InvariantCulture)))];
        _seen = new NodeEpoch?[count];
        _known = new byte[]?[count];
        _away = new bool[count];
    }

    public int Count => _keys.Length;

    /// <summary>The markers that cannot be read now.</summary>
    public int AwayCount => Volatile.Read(ref _awayCount);

    /// <summary>True once each has been looked at, and some server has answered.</summary>
    public bool IsKnown
    {
        get
        {
            lock (_gate) return _isComplete && _seenCount > 0;
        }
    }

    /// <summary>True while an answer may come from a server that has lost its memory, so that it must be confirmed. Cheap.</summary>
    public bool AreInDoubt => AwayCount > 0 || IsUnexplained;

    /// <summary>True when a command failed and the markers have not been looked at since.</summary>
    public bool IsUnexplained => Volatile.Read(ref _failures) != Volatile.Read(ref _explained);

    /// <summary>True once it is certain that tokens do not lie beside the markers of their tags: the router does not go by tags.</summary>
    public bool AreElsewhere => Volatile.Read(ref _strays) >= Proof;

    /// <summary>The marker that lies beside a token; null where keys have no tags.</summary>
    public int? Beside(in SpentTokenKey key) => _tags > 0 ? KeyTag.NumberOf(key, _tags) : null;

    /// <summary>What a marker held last, null when that is not known. Cheap. Whoever gets one that tells of a loss sees the loss too.</summary>
    public byte[]? Known(int number) => Volatile.Read(ref _known[number]);

    /// <summary>Whether a marker cannot be read. Cheap.</summary>
    public bool IsAway(int number) => Volatile.Read(ref _away[number]);

    /// <summary>A token went to a memory without its marker, or with another one: to be looked at again, and not believed before.</summary>
    public void Suspect(int number)
    {
        lock (_gate) SetAway(number, away: true);
    }

    /// <summary>A token was stored while its marker could not be read, neither before nor after.</summary>
    public void Stray() => Interlocked.Increment(ref _strays);

    /// <summary>An entry of the journal could not be written for a server that is away: it must be when that comes back.</summary>
    public void Owe() => Volatile.Write(ref _owes, true);

    /// <summary>A command failed. If servers are known to be away, that is why.</summary>
    public void Fail()
    {
        if (AwayCount == 0) Interlocked.Increment(ref _failures);
    }

    /// <summary>Hands over all memories behind the router as one, which is another one than before when any server has forgotten; no loss comes between.</summary>
    public void Tell(Action<NodeEpoch> take)
    {
        lock (_gate) take(Epoch);
    }

    public string Key(int number) => _keys[number];

    /// <summary>Those that cannot be read.</summary>
    public int[] Away()
    {
        lock (_gate) return [.. Enumerable.Range(0, Count).Where(number => _away[number])];
    }

    /// <summary>A look at all of them begins.</summary>
    /// <returns>For <see cref="EndLook"/>.</returns>
    public long BeginLook() => Volatile.Read(ref _failures);

    /// <summary>All of them have been looked at, since what failed before the beginning did.</summary>
    public void EndLook(long failures)
    {
        lock (_gate)
        {
            _isComplete = true;
            if (failures > _explained) Volatile.Write(ref _explained, failures);
        }
    }

    /// <summary>Notes what a look gave.</summary>
    public void Take(int number, in MarkerLook look)
    {
        if (look.Kind == MarkerLookKind.None) return;
        lock (_gate)
        {
            if (look.Epoch is { } epoch) See(number, epoch, look.IsNew);
            // Last: whoever sees that no server is away any more sees the loss too.
            SetAway(number, look.Kind == MarkerLookKind.Away);
        }
    }

    private NodeEpoch Epoch => new(_generation.ToString(CultureInfo.InvariantCulture), _youngest);

    private void See(int number, NodeEpoch epoch, bool isNew)
    {
        Judge(number, epoch, isNew);
        // Last: see Known.
        if (_known[number] is not { } known || !Ascii.Equals(known, epoch.Value)) Volatile.Write(ref _known[number], Encoding.ASCII.GetBytes(epoch.Value));
    }

    private void Judge(int number, NodeEpoch epoch, bool isNew)
    {
        var known = _seen[number];
        _seen[number] = epoch;
        if (known is null) _seenCount++;
        if (known?.Value == epoch.Value && !(_away[number] && _owes)) return;
        if (epoch.Created > _youngest) _youngest = epoch.Created;
        // At first all are judged together, by the youngest. Later one that was away from the start may have begun just now.
        if (known is null && (!_isComplete || (!isNew && _time.GetUtcNow() - epoch.Created > _grace + _clockSkew))) return;
        _owes = false;
        _generation++;
        _forgotten(Epoch);
    }

    private void SetAway(int number, bool away)
    {
        if (_away[number] == away) return;
        Volatile.Write(ref _away[number], away);
        Volatile.Write(ref _awayCount, _awayCount + (away ? 1 : -1));
        // What looked like it was chance.
        if (_awayCount == 0 && !AreElsewhere) Volatile.Write(ref _strays, 0);
    }
}
