using System.Globalization;
using Tunneling.Native;

namespace Tunneling.Admission;

/// <summary>
/// How many connections the descriptors of this process allow: what the limit leaves after those open already and a reserve for
/// everything that is neither a connection nor a tunnel's destination.
/// </summary>
/// <param name="Limit">RLIMIT_NOFILE, the soft limit raised to the hard one.</param>
/// <param name="Open">Open already: the program's own files, pipes and listeners.</param>
/// <param name="Reserve">Kept free for stores, name servers, files, assemblies loaded later (two each) and tools that look into the process.</param>
internal sealed record DescriptorBudget(int Limit, int Open, int Reserve)
{
    /// <summary>Assumed where the system does not say.</summary>
    private const int UnknownLimit = 10_000;

    /// <summary>Enough for any machine; the node of a connection must not be the least of what a limit of a billion allows.</summary>
    private const int MostUseful = 1_000_000;

    private const int LeastReserve = 96;
    private const int MostReserve = 512;

    /// <summary>Fewer than these are no service; it is up to the operator then.</summary>
    private const int LeastPlaces = 16;

    /// <summary>Places for connections and for the destinations of tunnels, one descriptor each.</summary>
    public int Places => Math.Max(LeastPlaces, Limit - Open - Reserve);

    /// <summary>A descriptor with this number or a higher one is taken from the reserve: numbers are given out from the lowest free one.</summary>
    public int FirstReserved => Limit - (Reserve / 2);

    /// <summary>Raises the limit and counts what is open.</summary>
    /// <param name="reserve">0 for 96 and a sixty-fourth of the limit, together at most 512.</param>
    public static DescriptorBudget Claim(int reserve = 0)
    {
        var limit = Math.Min(OpenFileLimit.Raise() ?? UnknownLimit, MostUseful);
        return new DescriptorBudget(limit, OpenFileLimit.CountOpen() ?? 0, reserve > 0 ? reserve : ReserveOf(limit));
    }

    /// <summary>The arithmetic in words, for the log.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Places} places for connections and destinations: a limit of {Limit} descriptors, less {Open} open and {Reserve} in reserve");

    private static int ReserveOf(int limit) => Math.Min(MostReserve, LeastReserve + (limit / 64));
}
