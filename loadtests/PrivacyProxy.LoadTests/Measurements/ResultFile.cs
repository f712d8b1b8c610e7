using System.Text.Json;
using System.Text.Json.Serialization;

namespace PrivacyProxy.LoadTests.Measurements;

/// <summary>Writes the file of <c>--json</c>.</summary>
internal static class ResultFile
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // A share of nothing is no number.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <param name="file">Null writes nothing.</param>
    /// <param name="scenario">Its name on the command line.</param>
    /// <param name="settings">With what it ran.</param>
    /// <param name="results">What it measured.</param>
    public static async Task WriteAsync(FileInfo? file, string scenario, object settings, object results)
    {
        if (file is null) return;
        await using var stream = file.Create();
        await JsonSerializer.SerializeAsync(stream, new { scenario, machine = MachineDescription.Read(), settings, results }, Options);
    }
}
