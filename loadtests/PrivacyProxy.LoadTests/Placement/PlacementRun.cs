namespace PrivacyProxy.LoadTests.Placement;

/// <summary>One fleet under one schedule.</summary>
/// <param name="Nodes">How many.</param>
/// <param name="Checks">A second, of all proxies.</param>
/// <param name="Schedule">When nodes went away.</param>
/// <param name="Proxies">How many.</param>
/// <param name="Failures">Of nodes, in all.</param>
/// <param name="SyncSeconds">How long a node that came back empty had no vote.</param>
/// <param name="Sampled">Tokens that were followed.</param>
/// <param name="Refused">Of them, those that no majority could answer for.</param>
/// <param name="Forgotten">Of them, those accepted that could have been spent again at some time.</param>
/// <param name="ForgottenForGood">Of those, the ones that no node held in the end.</param>
/// <param name="All">Tokens that they stand for.</param>
/// <param name="BusiestNode">Of the node with most tokens, how many times the average.</param>
internal sealed record PlacementRun(int Nodes, int Checks, FailureSchedule Schedule, int Proxies, int Failures, double SyncSeconds, int Sampled, int Refused, int Forgotten, int ForgottenForGood, double All, double BusiestNode)
{
    public double RefusedPerMillion => 1e6 * Refused / Sampled;

    public double ForgottenPerMillion => 1e6 * Forgotten / Sampled;

    public double ForgottenForGoodPerMillion => 1e6 * ForgottenForGood / Sampled;

    /// <summary>Estimates for all tokens.</summary>
    public double AllRefused => All * Refused / Sampled;

    public double AllForgotten => All * Forgotten / Sampled;

    /// <summary>Commands a second at the busiest node: a look-up and a spend for each check of its tokens.</summary>
    public double BusiestNodeCommands(int replicas) => 2.0 * Checks * replicas / Nodes * BusiestNode;

    public string Name => FormattableString.Invariant($"{Nodes} nodes, {Checks / 1e6:0.###} M/s, {Schedule.ToString().ToLowerInvariant()}");
}
