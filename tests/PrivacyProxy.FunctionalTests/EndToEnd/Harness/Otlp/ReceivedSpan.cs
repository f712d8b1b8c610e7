using System.Globalization;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

/// <summary>A span as it arrived (opentelemetry/proto/trace/v1/trace.proto). Ids are lower-case hexadecimal; a root has no parent.</summary>
internal sealed record ReceivedSpan(string TraceId, string SpanId, string ParentId, string Name, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>The spans of one ExportTraceServiceRequest.</summary>
    public static IEnumerable<ReceivedSpan> ReadAll(ReadOnlyMemory<byte> request) =>
        from resourceSpans in ProtobufField.Read(request).Where(static field => field.Number == 1)
        from scopeSpans in resourceSpans.Message.Where(static field => field.Number == 2)
        from span in scopeSpans.Message.Where(static field => field.Number == 2)
        select Read(span.Message);

    /// <summary>The attributes (KeyValue, AnyValue) under a field number.</summary>
    public static IReadOnlyDictionary<string, string> ReadAttributes(IEnumerable<ProtobufField> message, int number) =>
        message.Where(field => field.Number == number).Select(static field => field.Message)
            .ToDictionary(static pair => pair.Single(static field => field.Number == 1).Text, static pair => Value(pair), StringComparer.Ordinal);

    private static ReceivedSpan Read(IReadOnlyList<ProtobufField> span) => new(
        Hex(span, 1), Hex(span, 2), Hex(span, 4), span.Single(static field => field.Number == 5).Text, ReadAttributes(span, 9));

    private static string Hex(IEnumerable<ProtobufField> span, int number) =>
        Convert.ToHexStringLower(span.FirstOrDefault(field => field.Number == number).Bytes.Span);

    private static string Value(IReadOnlyList<ProtobufField> pair)
    {
        var value = pair.Single(static field => field.Number == 2).Message[0];
        return value.Number switch
        {
            1 => value.Text,
            2 => value.Value == 1 ? "true" : "false",
            3 => value.Value.ToString(CultureInfo.InvariantCulture),
            4 => BitConverter.UInt64BitsToDouble(value.Value).ToString(CultureInfo.InvariantCulture),
            _ => throw new FormatException($"A value of kind {value.Number}"),
        };
    }
}
