using System.Text.Json;

namespace PrivacyPass.Tests;

/// <summary>The vectors of a file under Vectors/, each a JSON object of hex strings.</summary>
internal static class VectorFile
{
    internal static IReadOnlyList<JsonElement> Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", name + ".json")));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray().Select(vector => vector.Clone())];
    }

    internal static byte[] Hex(this JsonElement vector, string name) => Convert.FromHexString(vector.Text(name));

    internal static string Text(this JsonElement vector, string name) => vector.GetProperty(name).GetString()!;
}
