using System.Text.Json;
using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Reports;

/// <summary>Reports as JSON.</summary>
internal static class ReportFile
{
    public static JsonElement ToElement(object value) => JsonSerializer.SerializeToElement(value, ResultFile.Options);

    /// <param name="file">Null writes nothing.</param>
    /// <param name="report">What it says.</param>
    public static async Task WriteAsync(FileInfo? file, Report report)
    {
        if (file is null) return;
        await using var stream = file.Create();
        await JsonSerializer.SerializeAsync(stream, report, ResultFile.Options);
    }

    /// <summary>A file of <c>--json</c>. Of scenarios without figures each number of their results is one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<Report> ReadAsync(FileInfo file)
    {
        try
        {
            await using var stream = file.OpenRead();
            using var document = await JsonDocument.ParseAsync(stream);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("scenario", out _) || !root.TryGetProperty("results", out var results)) throw new FormatException($"{file} is not a result of --json.");
            var report = root.Deserialize<Report>(ResultFile.Options)!;
            return report.Figures is null ? report with { Figures = [.. Numbers(results, "")] } : report;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{file} is not a result of --json: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static IEnumerable<Figure> Numbers(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Number => [new Figure(path, element.GetDouble())],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Numbers(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}")),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((item, i) => Numbers(item, $"{path}[{i}]")),
        _ => [],
    };
}
