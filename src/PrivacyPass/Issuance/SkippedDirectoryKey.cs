namespace PrivacyPass.Issuance;

/// <summary>An entry of an issuer directory that cannot be used, and why; the others are good all the same.</summary>
/// <param name="Index">Its place among the directory's token-keys, from 0.</param>
/// <param name="TokenType">Its token type; null when that cannot be read.</param>
/// <param name="Problem">What is wrong, in words for a person; free of anything the entry says.</param>
public sealed record SkippedDirectoryKey(int Index, ushort? TokenType, string Problem);
