namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>The file is no file of spent tokens, or not one of this version; the message says why, in words that follow a bracket.</summary>
internal sealed class ForeignFileException(string message) : Exception(message);
