using System.ComponentModel.DataAnnotations;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>The size of a run of the checker of "once".</summary>
internal sealed record OnceSettings : IValidatableObject
{
    [Flag("memcached (nodes fail) or sqlite (the process is killed).")]
    public SpentTokenStoreKind Store { get; init; } = SpentTokenStoreKind.Memcached;

    [Flag("Tokens offered; four of five by every client, the others by one."), Range(1, 10_000_000)]
    public int Tokens { get; init; } = 100_000;

    /// <summary>Store instances, each as one proxy has it.</summary>
    [Flag("Proxies over the same memcached nodes."), Range(1, 32)]
    public int Proxies { get; init; } = 3;

    [Flag("Clients of each proxy."), Range(1, 1_000)]
    public int Clients { get; init; } = 8;

    /// <summary>Makes tokens and faults repeatable; the timing of the machine is not.</summary>
    [Flag("Repeats the faults of another run.", Default = "a new one, printed")]
    public int Seed { get; init; } = Random.Shared.Next(1, 1_000_000);

    [Flag("Memcached nodes."), Range(1, 16)]
    public int Nodes { get; init; } = 3;

    [Flag("Nodes that remember each token."), Range(1, 15)]
    public int Replicas { get; init; } = 3;

    [Flag("Reach the nodes through a router (twemproxy), which spreads one replica over them.")]
    public bool Router { get; init; }

    /// <summary>Milliseconds a check may take; null: the proxy's own.</summary>
    [Flag("Deadline of a check in ms.", Default = "the proxy's"), Range(1, 60_000)]
    public double? Deadline { get; init; }

    /// <summary>Replaces a proxy by a new one now and then: its memory of what it accepted is gone.</summary>
    [Flag("Replace proxies at random too; what they alone remembered is gone then.")]
    public bool RestartProxies { get; init; }

    [Flag("Times the process is killed, with sqlite."), Range(0, 1_000)]
    public int Kills { get; init; } = 20;

    /// <summary>What was offered until then is checked.</summary>
    [Flag("End the offering after so long at the latest."), Range(1, 7_200)]
    public double Seconds { get; init; } = 600;

    /// <summary>How long after a fault every proxy must count on the node again, at the latest.</summary>
    public static TimeSpan Recovery { get; } = TimeSpan.FromSeconds(30);

    public TimeSpan Limit => TimeSpan.FromSeconds(Seconds);

    public int ReplicasOfToken => Router ? 1 : Replicas;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Store == SpentTokenStoreKind.Memory) yield return new("memcached or sqlite: what is in memory does not outlive its process", [nameof(Store)]);
    }
}
