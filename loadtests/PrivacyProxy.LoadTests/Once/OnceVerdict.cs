namespace PrivacyProxy.LoadTests.Once;

/// <summary>What the ledger says at the end.</summary>
/// <param name="Offered">Tokens offered at least once.</param>
/// <param name="Offers">Answers in all.</param>
/// <param name="Accepted">Tokens accepted.</param>
/// <param name="AlreadySpent">Answers "spent before".</param>
/// <param name="Unavailable">Answers "cannot say".</param>
/// <param name="Nobody">Tokens several clients raced for and none got: safe.</param>
/// <param name="Lone">Tokens that one client alone offered, once, to a healthy majority.</param>
/// <param name="DoubleSpends">Tokens accepted twice or more: none, or it is broken.</param>
/// <param name="Lost">Of the lone ones, those not accepted: none, or it is broken.</param>
/// <param name="SlowestLost">The longest that one of those waited: a deadline, where it is about as long as that.</param>
internal sealed record OnceVerdict(int Offered, long Offers, int Accepted, long AlreadySpent, long Unavailable, int Nobody, int Lone, int DoubleSpends, int Lost, TimeSpan SlowestLost)
{
    public bool Holds => DoubleSpends == 0 && Lost == 0;

    public static OnceVerdict Of(SpendLedger ledger)
    {
        var (offered, accepted, nobody, lone, doubles, lost) = (0, 0, 0, 0, 0, 0);
        var (offers, already, unavailable) = (0L, 0L, 0L);
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < ledger.Tokens; i++)
        {
            var entry = ledger[i];
            if (entry.Offers == 0) continue;
            offered++;
            offers += entry.Offers;
            already += entry.AlreadySpent;
            unavailable += entry.Unavailable;
            if (entry.Accepted > 0) accepted++;
            if (entry.Accepted > 1) doubles++;
            if (!OfferPlan.IsLone(i))
            {
                if (entry.Accepted == 0) nobody++;
            }
            else if (entry.Excused == 0)
            {
                lone++;
                if (entry.Accepted > 0) continue;
                lost++;
                if (entry.RefusedAfter > slowest) slowest = entry.RefusedAfter;
            }
        }
        return new OnceVerdict(offered, offers, accepted, already, unavailable, nobody, lone, doubles, lost, slowest);
    }
}
