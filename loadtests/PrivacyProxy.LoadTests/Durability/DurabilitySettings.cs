namespace PrivacyProxy.LoadTests.Durability;

/// <summary>How the proof runs.</summary>
/// <param name="File">The SQLite file; must not exist yet.</param>
/// <param name="Tokens">How many tokens there are.</param>
/// <param name="Callers">How many callers offer them at once.</param>
/// <param name="Kills">How often the process that spends is killed before it may finish.</param>
/// <param name="Seed">Decides the order of the tokens and the moments of the kills.</param>
internal sealed record DurabilitySettings(string File, int Tokens, int Callers, int Kills, int Seed);
