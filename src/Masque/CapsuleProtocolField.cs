namespace Masque;

/// <summary>The field that says a stream carries capsules (RFC 9297, section 3.4).</summary>
public static class CapsuleProtocolField
{
    /// <summary>Its name.</summary>
    public const string Name = "Capsule-Protocol";

    /// <summary>True as a structured field (RFC 9651).</summary>
    public const string Value = "?1";
}
