using System.Text.Json.Serialization;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>Something that an issuer, or somebody who shows its directory, must not do.</summary>
/// <param name="Issuer">Whose keys it is about.</param>
/// <param name="Kind">What was done: <c>forked</c>, <c>shrunk</c>, <c>not_logged</c>, <c>returned</c> or <c>many_keys</c>.</param>
/// <param name="Place">Where it was seen.</param>
/// <param name="Evidence">SHA-256 of what was seen there, which is kept under this name.</param>
/// <param name="Seen">When it was seen first.</param>
internal sealed record Finding(string Issuer, string Kind, string Place, string Evidence, DateTimeOffset Seen)
{
    /// <summary>The log shows other entries than before.</summary>
    public const string Forked = "forked";

    /// <summary>The log shows fewer entries than before.</summary>
    public const string Shrunk = "shrunk";

    /// <summary>A directory is shown there that is not in the issuer's log.</summary>
    public const string NotLogged = "not_logged";

    /// <summary>The log shows a version again after others.</summary>
    public const string Returned = "returned";

    /// <summary>More keys have come within a day than a rotation needs.</summary>
    public const string ManyKeys = "many_keys";

    public static IReadOnlyList<string> Kinds { get; } = [Forked, Shrunk, NotLogged, Returned, ManyKeys];
}

[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class FindingJson : JsonSerializerContext;
