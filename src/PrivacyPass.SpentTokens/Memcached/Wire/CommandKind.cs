namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>What was asked, and so which replies there can be.</summary>
internal enum CommandKind : byte
{
    /// <summary><c>get</c> of a spent-token key.</summary>
    Get,

    /// <summary><c>add</c>.</summary>
    Add,

    /// <summary><c>add</c> of a spent-token key and, behind it, <c>get</c> of the marker of its tag: two replies.</summary>
    AddMarked,

    /// <summary>Anything whose reply is taken as text.</summary>
    Text,
}
