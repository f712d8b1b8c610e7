using System.Buffers;
using System.Diagnostics;
using Microsoft.Extensions.Primitives;

namespace PrivacyProxy.Recording;

/// <summary>Reads a <c>traceparent</c> field (W3C Trace Context, section 3.2), strictly.</summary>
internal static class TraceParent
{
    /// <summary><c>00-</c> 32 digits <c>-</c> 16 digits <c>-</c> 2 digits.</summary>
    private const int Length = 55;

    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");

    /// <summary>False for a field that is missing, repeated or malformed: then it is as if there were none.</summary>
    public static bool TryParse(StringValues field, out ActivityContext context)
    {
        context = default;
        return field.Count == 1 && field[0] is { } value && TryParse(value, out context);
    }

    private static bool TryParse(ReadOnlySpan<char> value, out ActivityContext context)
    {
        context = default;
        if (value.Length < Length || value[2] != '-' || value[35] != '-' || value[52] != '-') return false;
        var version = value[..2];
        var traceId = value[3..35];
        var spanId = value[36..52];
        var flags = value[53..Length];
        if (!AreDigits(version) || !AreDigits(traceId) || !AreDigits(spanId) || !AreDigits(flags)) return false;
        if (version is "ff" || !traceId.ContainsAnyExcept('0') || !spanId.ContainsAnyExcept('0')) return false;
        // A later version may say more behind another dash.
        if (value.Length > Length && (version is "00" || value[Length] != '-')) return false;
        var isSampled = (Convert.FromHexString(flags)[0] & 1) != 0;
        context = new ActivityContext(
            ActivityTraceId.CreateFromString(traceId),
            ActivitySpanId.CreateFromString(spanId),
            isSampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None,
            isRemote: true);
        return true;
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(_digits);
}
