using System.Globalization;
using System.Security.Cryptography;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// The marker every server carries under a key of its own: written by whichever proxy first misses it, it vanishes with
/// the server's memory. Another marker than before means that the server has forgotten.
/// </summary>
/// <param name="Value">The marker as stored: 32 hexadecimal digits, a colon and Unix milliseconds.</param>
/// <param name="Created">When, by the clock of the proxy that wrote it.</param>
internal sealed record NodeEpoch(string Value, DateTimeOffset Created)
{
    /// <summary>The key, behind the configured prefix. No token has it: theirs are 43 characters long.</summary>
    public const string KeySuffix = "epoch";

    private const int RandomBytes = 16;
    private const string ValueLine = "VALUE ";

    public static NodeEpoch Create(DateTimeOffset now)
    {
        // To milliseconds: what is read back must equal what was written.
        var created = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        return new($"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}:{created.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}", created);
    }

    /// <summary>Reads the reply to `get`.</summary>
    /// <param name="reply">The whole reply.</param>
    /// <param name="epoch">The marker, null when the server has none.</param>
    /// <returns>False when the reply is an error or holds something else than a marker.</returns>
    public static bool TryRead(string reply, out NodeEpoch? epoch)
    {
        epoch = null;
        var lines = reply.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines is [] or ["END"]) return true;
        return lines.Length >= 2 && lines[0].StartsWith(ValueLine, StringComparison.Ordinal) && TryParse(lines[1], out epoch);
    }

    private static bool TryParse(string value, out NodeEpoch? epoch)
    {
        epoch = null;
        if (value.Length > 64 || value.IndexOf(':', StringComparison.Ordinal) != RandomBytes * 2) return false;
        if (!long.TryParse(value.AsSpan(RandomBytes * 2 + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)) return false;
        if (milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return false;
        epoch = new NodeEpoch(value, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        return true;
    }
}
