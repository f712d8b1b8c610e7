using System.ComponentModel.DataAnnotations;
using TransparencyLog.Notes;

namespace TransparencyLog.Proofs;

/// <summary>Which log is believed, and with whose cosignatures: settings of whoever uses what is logged.</summary>
internal abstract class LogTrustOptions
{
    /// <summary>The key of the log, as the issuer's start prints it; with <see cref="Auditors"/>.</summary>
    public string? LogKey { get; set; }

    /// <summary>The URL of the log; without, /key-log beside the directory.</summary>
    public string? LogUrl { get; set; }

    /// <summary>The keys of auditors, as their start prints them. With any, the issuer's keys are used only if its log has the directory that lists them, in a checkpoint that enough of the auditors have cosigned.</summary>
    public IList<string> Auditors { get; set; } = [];

    /// <summary>How many of the auditors must have cosigned; 0 for all.</summary>
    [Range(0, 64)]
    public int AuditorQuorum { get; set; }

    /// <summary>How old their cosignatures may be.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan AuditAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Null where no auditors are asked for. Of valid settings.</summary>
    public LogTrust? ToTrust()
    {
        if (Auditors.Count == 0) return null;
        return new LogTrust(NoteKey.Parse(LogKey!), [.. Auditors.Select(NoteKey.Parse)], AuditorQuorum == 0 ? Auditors.Count : AuditorQuorum, AuditAge);
    }

    /// <summary>What is wrong with the settings.</summary>
    public IEnumerable<ValidationResult> AuditProblems()
    {
        if (LogUrl is not null && !(Uri.TryCreate(LogUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return new ValidationResult("an http:// or https:// URL", [nameof(LogUrl)]);
        if (Auditors.Count > 0 && LogKey is null) yield return new ValidationResult("the key of the issuer's log, for its auditors", [nameof(LogKey)]);
        if (LogKey is not null && Fault(LogKey, NoteKeyKind.Note) is { } wrongLog) yield return new ValidationResult($"the key of a log, NAME+HASH+KEY ({wrongLog})", [nameof(LogKey)]);
        for (var i = 0; i < Auditors.Count; i++)
            if (Fault(Auditors[i], NoteKeyKind.Cosignature) is { } wrong) yield return new ValidationResult($"the key of an auditor, NAME+HASH+KEY ({wrong})", [$"{nameof(Auditors)}:{i}"]);
        if (Auditors.Distinct(StringComparer.Ordinal).Count() != Auditors.Count) yield return new ValidationResult("each auditor once", [nameof(Auditors)]);
        if (AuditorQuorum > Auditors.Count) yield return new ValidationResult("at most as many as there are auditors", [nameof(AuditorQuorum)]);
    }

    /// <summary>Why a text is no key of a kind; null when it is one.</summary>
    public static string? Fault(string text, NoteKeyKind kind)
    {
        try
        {
            return NoteKey.Parse(text).Kind == kind ? null : $"its type is not {(byte)kind}";
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
