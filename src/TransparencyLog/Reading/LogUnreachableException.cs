namespace TransparencyLog.Reading;

/// <summary>A log, or a witness, that gives no usable answer. The message is one sentence for a person.</summary>
internal sealed class LogUnreachableException : Exception
{
    public LogUnreachableException(string message) : base(message) { }

    public LogUnreachableException(string message, Exception innerException) : base(message, innerException) { }
}
