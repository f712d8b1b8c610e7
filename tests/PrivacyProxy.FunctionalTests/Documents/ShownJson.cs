using System.Text.Json.Nodes;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>JSON as a page shows it, where <c>...</c> stands for members that it leaves out.</summary>
internal static class ShownJson
{
    private const string More = "...";

    /// <summary>Whether a document is the one shown.</summary>
    /// <param name="shown">The page's.</param>
    /// <param name="actual">The product's.</param>
    /// <param name="any">Members whose value may be another: times.</param>
    public static void Equal(string shown, string actual, params string[] any) =>
        Compare(JsonNode.Parse(shown.Replace(", ... }", $", \"{More}\": 0 }}", StringComparison.Ordinal))!, JsonNode.Parse(actual)!, any);

    private static void Compare(JsonNode? shown, JsonNode? actual, string[] any)
    {
        switch (shown)
        {
            case JsonObject members:
                var names = members.Select(static member => member.Key).Where(static name => name != More).ToList();
                var others = Assert.IsType<JsonObject>(actual);
                if (!members.ContainsKey(More)) Assert.Equal(names, others.Select(static member => member.Key));
                foreach (var name in names.Except(any, StringComparer.Ordinal)) Compare(members[name], others[name], any);
                break;
            case JsonArray elements:
                Assert.Equal(elements.Count, Assert.IsType<JsonArray>(actual).Count);
                foreach (var (element, other) in elements.Zip((JsonArray)actual!)) Compare(element, other, any);
                break;
            default:
                Assert.Equal(shown?.ToJsonString(), actual?.ToJsonString());
                break;
        }
    }
}
