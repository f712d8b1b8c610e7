using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Egress.Places;

/// <summary>Where clients are, by their addresses, and whose word counts: section <c>PrivacyProxy:Egress:Places</c>.</summary>
internal sealed class PlaceOptions : IValidatableObject
{
    private const int ShortestSecret = 32;

    /// <summary>A file with the places of networks, a line each: a CIDR prefix, a comma and a hint, such as <c>192.0.2.0/24,xn76c-JP</c>; the longest prefix counts. Read again when it changes.</summary>
    public string? File { get; set; }

    /// <summary>Whether a client may choose by a <c>sec-ch-geohash</c> of its own. False takes its place from <see cref="File"/>, or from the hop before it with <see cref="Secret"/>, whatever it asks for.</summary>
    public bool ClientsChoose { get; set; } = true;

    /// <summary>Whether clients are told the place that counts, in <c>sec-ch-geohash</c> of the answer that opens a tunnel, to pass it on to the next hop.</summary>
    public bool TellClients { get; set; }

    /// <summary>What two hops share, 32 characters or more: what the first tells, the second believes, for a day or two, though clients may not choose.</summary>
    [Secret]
    public string? Secret { get; set; }

    /// <summary>The file, if one is set.</summary>
    internal IEnumerable<string> Files => File is null ? [] : [File];

    /// <summary>What the file says; nothing without one.</summary>
    internal PlaceTable Table { get; private set; } = PlaceTable.Empty;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Secret is { Length: < ShortestSecret }) yield return new ValidationResult($"{ShortestSecret} characters or more", [nameof(Secret)]);
        if (File is null)
        {
            if (TellClients && Secret is null && !ClientsChoose) yield return new ValidationResult("false, as without a file there is nothing to tell", [nameof(TellClients)]);
            yield break;
        }

        // Kept as it was when it was found good: it may be another one by the time it is asked.
        var fault = PlaceTable.TryRead(File, out var table);
        if (fault is null) Table = table;
        else yield return new ValidationResult($"a file of lines such as 192.0.2.0/24,xn76c-JP ({fault})", [nameof(File)]);
    }
}
