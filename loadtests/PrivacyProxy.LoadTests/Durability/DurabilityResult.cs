namespace PrivacyProxy.LoadTests.Durability;

/// <summary>What was seen.</summary>
/// <param name="Tokens">How many tokens there were.</param>
/// <param name="Accepted">Tokens reported as accepted at least once.</param>
/// <param name="AcceptedTwice">Tokens reported as accepted more than once: must be 0.</param>
/// <param name="Forgotten">Tokens reported as accepted that the file does not know afterwards: must be 0.</param>
/// <param name="Kills">How often the process was killed.</param>
/// <param name="MostLost">The tokens that may be spent though no accept was reported: those in flight at the kills.</param>
/// <param name="EndedWell">Whether the last process, which was not killed, got an answer to every spend.</param>
internal sealed record DurabilityResult(int Tokens, int Accepted, int AcceptedTwice, int Forgotten, int Kills, int MostLost, bool EndedWell)
{
    /// <summary>Spent without a report: the answer was on its way when the process was killed.</summary>
    public int Lost => Tokens - Accepted;

    public bool Holds => AcceptedTwice == 0 && Forgotten == 0 && EndedWell && Lost <= MostLost;

    public override string ToString() =>
        $"{(Holds ? "holds" : "BROKEN")}: {Accepted} of {Tokens} tokens accepted over {Kills} kills, {AcceptedTwice} twice, {Forgotten} forgotten, {Lost} spent unreported (at most {MostLost} in flight at kills){(EndedWell ? "" : ", the last process failed")}";
}
