namespace PrivacyProxy.Configuration;

/// <summary>Files that settings name, looked at by reading them: no other rules than those of who uses them.</summary>
internal static class UnusableFile
{
    /// <summary>Why one cannot be used, null when it can.</summary>
    /// <param name="read">Reads it; throws <see cref="InvalidDataException"/>.</param>
    public static string? Why(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
