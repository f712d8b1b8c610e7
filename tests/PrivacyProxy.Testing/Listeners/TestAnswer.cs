namespace PrivacyProxy.Testing.Listeners;

/// <summary>An answer as a client read it; field names in lower case.</summary>
internal sealed record TestAnswer(int Status, List<KeyValuePair<string, string>> Fields)
{
    public string? this[string name] => Fields.FirstOrDefault(field => field.Key == name).Value;
}
