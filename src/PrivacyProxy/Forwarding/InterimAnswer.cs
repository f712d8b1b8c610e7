namespace PrivacyProxy.Forwarding;

/// <summary>An answer before the answer, such as 103 (RFC 8297), as the client gets it.</summary>
internal sealed record InterimAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Fields);
