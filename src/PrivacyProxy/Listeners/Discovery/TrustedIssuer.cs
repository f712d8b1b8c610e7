namespace PrivacyProxy.Listeners.Discovery;

/// <summary>An issuer as clients are told of it.</summary>
/// <param name="Name">As in challenges.</param>
/// <param name="Directory">Where its directory is, if that is for everybody.</param>
/// <param name="TokenTypes">The types taken.</param>
internal sealed record TrustedIssuer(string Name, string? Directory, IReadOnlyList<int> TokenTypes);
