using System.ComponentModel.DataAnnotations;
using Tunneling.Admission;

namespace PrivacyProxy.Admission;

/// <summary>How many connections are held, and what one may cost before a credential of it was accepted: section <c>Connections</c> of the proxy and of the issuer.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>What an idle connection without a credential is reckoned at, bytes: TLS state, a read buffer, Kestrel's objects.</summary>
    private const int IdleStranger = 32 * 1024;

    private const long Megabyte = 1024 * 1024;

    /// <summary>Places for connections and for the destinations of tunnels, one descriptor each; 0 for what the limit of descriptors allows.</summary>
    [Range(0, 1_000_000)]
    public int Max { get; set; }

    /// <summary>Descriptors kept for stores, name servers and files; 0 for 96 and a sixty-fourth of the limit.</summary>
    [Range(0, 100_000)]
    public int Reserve { get; set; }

    /// <summary>Connections without an accepted credential; the oldest is closed for one more. 0 for one for each 32 KiB of <see cref="UnauthenticatedMegabytes"/>.</summary>
    [Range(0, 1_000_000)]
    public int MaxUnauthenticated { get; set; }

    /// <summary>What they may hold together in requests and answers, in MiB; 0 for 256, or an eighth of the memory there is if that is less.</summary>
    [Range(0, 1024 * 1024)]
    public int UnauthenticatedMegabytes { get; set; }

    /// <summary>Requests of one of them that wait for an answer, or for it to be read.</summary>
    [Range(1, 10_000)]
    public int MaxUnauthenticatedRequests { get; set; } = 100;

    /// <summary>Bytes one of them may send in all.</summary>
    [Range(64 * 1024, int.MaxValue)]
    public int MaxUnauthenticatedBytes { get; set; } = 1024 * 1024;

    /// <summary>How long an answer may wait to be read on a connection without a tunnel.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a listener holds to.</summary>
    /// <param name="budget">The descriptors of the process.</param>
    /// <param name="others">Places of other listeners in it.</param>
    /// <param name="maxTunnels">Tunnels at a time.</param>
    public AdmissionLimits ToLimits(DescriptorBudget budget, int others = 0, int maxTunnels = int.MaxValue)
    {
        var memory = UnauthenticatedMegabytes > 0
            ? UnauthenticatedMegabytes * Megabyte
            : Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8, 16 * Megabyte, 256 * Megabyte);
        var places = Math.Max(1, budget.Places - others);
        return new AdmissionLimits
        {
            Places = Max > 0 ? Math.Min(Max, places) : places,
            MaxTunnels = maxTunnels,
            MaxStrangers = MaxUnauthenticated > 0 ? MaxUnauthenticated : (int)(memory / IdleStranger),
            StrangerMemory = memory,
            MaxStrangerRequests = MaxUnauthenticatedRequests,
            MaxStrangerBytes = MaxUnauthenticatedBytes,
            AnswerTimeout = AnswerTimeout,
            FirstReservedDescriptor = budget.FirstReserved,
        };
    }
}
