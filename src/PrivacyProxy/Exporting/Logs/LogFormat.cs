namespace PrivacyProxy.Exporting.Logs;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>One line of text for people.</summary>
    Console = 0,

    /// <summary>One JSON object a line.</summary>
    Json,
}
