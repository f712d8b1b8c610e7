namespace PrivacyProxy.Recording;

/// <summary>A span of a kept trace.</summary>
/// <param name="Name">Such as <c>dns.resolve</c>.</param>
/// <param name="Parent">The place of its parent among the spans; -1 for the first.</param>
/// <param name="Offset">From the beginning of the first span.</param>
/// <param name="Duration">How long it took, or had taken when the request was answered.</param>
/// <param name="Attributes">What is known of it; never a client, a destination, a token or a key, unless Debug:IncludeDestinations is on.</param>
internal sealed record KeptSpan(string Name, int Parent, TimeSpan Offset, TimeSpan Duration, IReadOnlyList<KeyValuePair<string, object?>> Attributes);
