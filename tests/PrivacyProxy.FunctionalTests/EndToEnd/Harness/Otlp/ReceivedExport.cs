namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

/// <summary>One export: where it went, with which header fields, and the message without its framing.</summary>
internal sealed record ReceivedExport(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Message)
{
    public bool IsTraces => Path.EndsWith("/v1/traces", StringComparison.Ordinal) || Path.EndsWith("TraceService/Export", StringComparison.Ordinal);

    /// <summary>Of whoever sent it.</summary>
    public IReadOnlyDictionary<string, string> Resource =>
        ReceivedSpan.ReadAttributes(ProtobufField.Read(Message)[0].Message.First(static part => part.Number == 1).Message, 1);
}
