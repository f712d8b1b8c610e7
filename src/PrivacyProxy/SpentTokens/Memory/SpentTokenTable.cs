namespace PrivacyProxy.SpentTokens.Memory;

/// <summary>
/// A growing open-addressing table of 32-byte keys, nothing else: 40 to 70 bytes a key. Not safe for concurrent use.
/// The all-zero key marks an empty slot; no SHA-256 output is all zero in practice, and if one were it would count as spent.
/// </summary>
internal sealed class SpentTokenTable(ulong seedA, ulong seedB)
{
    private const int InitialSlots = 32;
    private const double Growth = 1.6;

    private SpentTokenKey[] _slots = new SpentTokenKey[InitialSlots];
    private int _limit = Limit(InitialSlots);

    public int Count { get; private set; }

    /// <summary>The memory it holds.</summary>
    public long Bytes => (long)_slots.Length * SpentTokenKey.Size;

    public bool Contains(in SpentTokenKey key, ulong hash) => _slots[Find(_slots, key, hash)].Equals(key);

    /// <summary>False when the key was there already.</summary>
    public bool Add(in SpentTokenKey key, ulong hash)
    {
        var slot = Find(_slots, key, hash);
        if (_slots[slot].Equals(key)) return false;
        if (Count >= _limit)
        {
            Grow();
            slot = Find(_slots, key, hash);
        }
        _slots[slot] = key;
        Count++;
        return true;
    }

    /// <summary>The slot of the key, or the empty one where it belongs. There always is one: the table is never full.</summary>
    private static int Find(SpentTokenKey[] slots, in SpentTokenKey key, ulong hash)
    {
        var slot = (int)Math.BigMul(hash, (ulong)slots.Length, out _);
        while (!slots[slot].Equals(key) && !slots[slot].Equals(default))
            slot = slot + 1 == slots.Length ? 0 : slot + 1;
        return slot;
    }

    private void Grow()
    {
        var larger = new SpentTokenKey[(int)Math.Min(Array.MaxLength, _slots.Length * Growth)];
        foreach (ref readonly var key in _slots.AsSpan())
            if (!key.Equals(default)) larger[Find(larger, key, key.SeededHash(seedA, seedB))] = key;
        _slots = larger;
        _limit = Limit(larger.Length);
    }

    /// <summary>Four fifths full; linear probing stays short up to there.</summary>
    private static int Limit(int slots) => slots / 5 * 4;
}
