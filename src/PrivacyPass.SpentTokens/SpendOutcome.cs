namespace PrivacyPass.SpentTokens;

/// <summary>What a store can say of a token.</summary>
public enum SpendOutcome
{
    /// <summary>The outcome is not known: timed out, unreachable, full. Never guessed; the request is refused.</summary>
    Unavailable = 0,

    /// <summary>Look-up: not spent so far. Spend: this call, and no other, spent it.</summary>
    Fresh,

    /// <summary>It was spent before.</summary>
    AlreadySpent,
}
