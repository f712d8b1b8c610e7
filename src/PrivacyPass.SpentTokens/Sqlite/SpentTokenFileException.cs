namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>A file of spent tokens that cannot be used.</summary>
/// <param name="file">The file.</param>
/// <param name="reason">Why not, in a few words.</param>
public sealed class SpentTokenFileException(string? file, string reason)
    : Exception($"\"{file}\" cannot be used: expected {Expected} ({reason}).")
{
    internal const string Expected = "a file of spent tokens that this process can read and write, alone";

    /// <summary>Why it cannot be used, in a few words.</summary>
    public string Reason { get; } = reason;
}
