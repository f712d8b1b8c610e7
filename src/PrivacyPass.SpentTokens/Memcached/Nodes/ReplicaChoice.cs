using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// Rendezvous hashing: which servers hold a token. It depends on the servers' names alone, not on their order, and a
/// server more or less moves only the tokens it gains or held.
/// </summary>
internal sealed class ReplicaChoice
{
    private readonly (ulong A, ulong B)[] _seeds;

    /// <param name="names">The servers as every proxy spells them, in ordinal order.</param>
    /// <param name="replicas">How many hold each token.</param>
    public ReplicaChoice(IReadOnlyList<string> names, int replicas)
    {
        if (replicas > names.Count) throw new ArgumentException("More replicas than servers.", nameof(replicas));
        Replicas = replicas;
        _seeds = new (ulong, ulong)[names.Count];
        for (var i = 0; i < names.Count; i++)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(SHA256.HashData(Encoding.UTF8.GetBytes(names[i])));
            _seeds[i] = (words[0], words[1]);
        }
    }

    public int Replicas { get; }

    /// <summary>Writes the numbers of the servers that hold the token; <paramref name="chosen"/> has room for <see cref="Replicas"/>.</summary>
    public void Choose(in SpentTokenKey key, Span<int> chosen)
    {
        if (_seeds.Length == Replicas)
        {
            for (var i = 0; i < Replicas; i++) chosen[i] = i;
            return;
        }
        // Insertion into the short list of the best: a fleet has a handful of servers.
        Span<ulong> scores = stackalloc ulong[Replicas];
        var count = 0;
        for (var i = 0; i < _seeds.Length; i++)
        {
            var score = key.SeededHash(_seeds[i].A, _seeds[i].B);
            var at = count;
            while (at > 0 && scores[at - 1] < score) at--;
            if (at == Replicas) continue;
            if (count < Replicas) count++;
            scores[at..(count - 1)].CopyTo(scores[(at + 1)..count]);
            chosen[at..(count - 1)].CopyTo(chosen[(at + 1)..count]);
            (scores[at], chosen[at]) = (score, i);
        }
    }

    /// <summary>True when the server holds the token.</summary>
    public bool Holds(int server, in SpentTokenKey key)
    {
        Span<int> chosen = stackalloc int[Replicas];
        Choose(key, chosen);
        return chosen.Contains(server);
    }
}
