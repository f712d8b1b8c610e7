using System.Globalization;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>What a server says of its memory, read from `stats` and `stats settings`. Values it does not tell are null.</summary>
/// <param name="Evicts">True where it makes room by throwing entries away: without `-M`.</param>
/// <param name="Evictions">How many it has thrown away since its start.</param>
/// <param name="Used">Bytes of entries.</param>
/// <param name="Limit">Bytes it may use.</param>
internal readonly record struct NodeMemory(bool? Evicts, long? Evictions, long? Used, long? Limit)
{
    /// <summary>An entry counts 106 bytes and takes 120: a server with no room left tells of 88%.</summary>
    private const double NearlyFull = 0.8;

    /// <summary>The part of its memory that entries take; null where it does not tell.</summary>
    public double? UsedShare => Limit > 0 ? Used / (double)Limit : null;

    public bool IsNearlyFull => UsedShare > NearlyFull;

    /// <param name="stats">The reply to `stats`; null when there is none, as through routers.</param>
    /// <param name="settings">The reply to `stats settings`, or null.</param>
    public static NodeMemory Read(string? stats, string? settings) => new(
        Value(settings, "evictions") switch { "on" => true, "off" => false, _ => null },
        Number(stats, "evictions"), Number(stats, "bytes"), Number(stats, "limit_maxbytes"));

    private static long? Number(string? reply, string name) =>
        long.TryParse(Value(reply, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The value of a line `STAT name value`.</summary>
    private static string? Value(string? reply, string name)
    {
        if (reply is null) return null;
        Span<Range> words = stackalloc Range[4];
        foreach (var line in reply.AsSpan().EnumerateLines())
        {
            if (line.Split(words, ' ') == 3 && line[words[0]] is "STAT" && line[words[1]].SequenceEqual(name)) return line[words[2]].ToString();
        }
        return null;
    }
}
