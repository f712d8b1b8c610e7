using System.Security.Cryptography;
using System.Text.Json;
using PrivacyProxy.Certificates;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>What was found, with the evidence, in files: it stays over restarts, until somebody takes the files away. Safe for concurrent use.</summary>
internal sealed partial class Findings
{
    private const string FileName = "findings.jsonl";
    private const string EvidenceFolder = "evidence";

    /// <summary>A liar shall not fill the disk: of one kind at one place so many are kept.</summary>
    private const int MostAlike = 100;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly List<Finding> _found = [];
    private readonly TimeProvider _time;
    private readonly ILogger<Findings> _logger;

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public Findings(string folder, TimeProvider time, ILogger<Findings> logger)
    {
        (_folder, _time, _logger) = (folder, time, logger);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return;
        try
        {
            // A crash may have left the last line torn.
            foreach (var line in File.ReadAllText(path).Split('\n')[..^1]) _found.Add(JsonSerializer.Deserialize(line, FindingJson.Default.Finding)!);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is damaged. Restore it, or move it away.", e);
        }
    }

    public IReadOnlyList<Finding> All
    {
        get
        {
            lock (_gate) return [.. _found];
        }
    }

    /// <summary>Says, counts and keeps it, unless it is known already.</summary>
    public void Add(string issuer, string kind, string place, ReadOnlySpan<byte> evidence)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(evidence));
        lock (_gate)
        {
            var alike = _found.Where(found => found.Issuer == issuer && found.Kind == kind && found.Place == place).ToList();
            if (alike.Count >= MostAlike || alike.Exists(found => found.Evidence == name)) return;
            var finding = new Finding(issuer, kind, place, name, _time.GetUtcNow());
            OwnFiles.CreateFolder(Path.Combine(_folder, EvidenceFolder), OwnFiles.PrivateFolder);
            File.WriteAllBytes(Path.Combine(_folder, EvidenceFolder, name), evidence);
            File.AppendAllText(Path.Combine(_folder, FileName), JsonSerializer.Serialize(finding, FindingJson.Default.Finding) + "\n");
            _found.Add(finding);
            LogFound(issuer, Sentence(kind), place, name);
        }
    }

    private static string Sentence(string kind) => kind switch
    {
        Finding.Forked => "its log shows other entries than before",
        Finding.Shrunk => "its log shows fewer entries than before",
        Finding.NotLogged => "a directory is shown that is not in its log: different keys in different places",
        Finding.Returned => "a directory is shown again after others: different keys at different times",
        _ => "more keys are new within a day than a rotation needs",
    };

    [LoggerMessage(EventId = 2991, Level = LogLevel.Error, Message = "ISSUER {Issuer}: {What}. Seen at {Place}; the evidence is {Evidence}.")]
    private partial void LogFound(string issuer, string what, string place, string evidence);
}
