namespace PrivacyPass;

/// <summary>Why bytes are not a token of a supported type.</summary>
public enum TokenReadError
{
    /// <summary>They are one.</summary>
    None = 0,

    /// <summary>The length is not exactly that of the type, or there is no type to read.</summary>
    WrongLength,

    /// <summary>The type is reserved for greasing (RFC 9577, section 4.1): the client has no token.</summary>
    GreasedType,

    /// <summary>The type is neither supported nor greased.</summary>
    UnsupportedType,
}
