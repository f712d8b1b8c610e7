namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>What became of an attempt to spend a token.</summary>
public enum TokenSpendResult
{
    /// <summary>It cannot be known; the request is refused with 503, never guessed.</summary>
    Unavailable = 0,

    /// <summary>This call, and no other, spent the token.</summary>
    Spent,

    /// <summary>It was spent before; the request is refused with 401.</summary>
    AlreadySpent,
}
