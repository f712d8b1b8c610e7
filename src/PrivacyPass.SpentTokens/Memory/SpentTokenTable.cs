namespace PrivacyPass.SpentTokens.Memory;

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

    public bool Contains(in SpentTokenKey key, ulong hash) => Holds(Find(key, hash));

    /// <summary>The slot of the key, or the empty one where it belongs. There always is one: the table is never full.</summary>
    public int Find(in SpentTokenKey key, ulong hash) => Find(_slots, key, hash);

    /// <summary>Whether there is a key in a slot that <see cref="Find(in SpentTokenKey, ulong)"/> has found.</summary>
    public bool Holds(int slot) => !_slots[slot].Equals(default);

    /// <summary>Puts a key into the empty slot that was found for it.</summary>
    public void Insert(int slot, in SpentTokenKey key, ulong hash)
    {
        if (Count >= _limit)
        {
            Grow();
            slot = Find(key, hash);
        }
        _slots[slot] = key;
        Count++;
    }

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
