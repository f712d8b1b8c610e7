namespace PrivacyPass;

/// <summary>The token types reserved for greasing (RFC 9577, sections 4.1 and 6.2.1): senders use them to keep receivers tolerant, receivers ignore them.</summary>
public static class GreasedTokenTypes
{
    private static readonly ushort[] _all =
    [
        0x0000, 0x02AA, 0x1132, 0x2E96, 0x3CD3, 0x4473, 0x5A63, 0x6D32, 0x7F3F,
        0x8D07, 0x916B, 0xA6A4, 0xBEAB, 0xC3F3, 0xDA42, 0xE944, 0xF057,
    ];

    /// <summary>The 17 reserved values, in rising order.</summary>
    public static IReadOnlyList<ushort> All { get; } = Array.AsReadOnly(_all);

    /// <summary>True for a reserved value; what follows such a type on the wire is random bytes.</summary>
    public static bool IsGreased(ushort tokenType) => _all.AsSpan().Contains(tokenType);
}
