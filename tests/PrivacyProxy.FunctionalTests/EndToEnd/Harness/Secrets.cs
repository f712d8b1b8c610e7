using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Values that must not be found anywhere, and every form they could be found in.</summary>
internal sealed class Secrets
{
    /// <summary>Shorter ones would be found in random bytes now and then.</summary>
    private const int ShortestRaw = 8;

    private readonly List<(string Name, string Form, StringComparison Comparison)> _forms = [];

    public void Add(string name, string text)
    {
        AddForm(name, text, StringComparison.OrdinalIgnoreCase);
        AddForm(name, Uri.EscapeDataString(text), StringComparison.OrdinalIgnoreCase);
        // As strict an encoder as there may be.
        AddForm(name, string.Concat(Encoding.UTF8.GetBytes(text).Select(static octet => $"%{octet:X2}")), StringComparison.OrdinalIgnoreCase);
        AddEncodings(name, Encoding.UTF8.GetBytes(text));
    }

    public void Add(string name, byte[] bytes)
    {
        if (bytes.Length >= ShortestRaw) AddForm(name, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        AddEncodings(name, bytes);
    }

    /// <summary>The names of those found in bytes.</summary>
    public IReadOnlyCollection<string> FoundIn(ReadOnlySpan<byte> bytes) => FoundIn(Encoding.Latin1.GetString(bytes));

    /// <summary>The names of those found in a text.</summary>
    public IReadOnlyCollection<string> FoundIn(string text)
    {
        var plain = text.Replace("\\u002B", "+", StringComparison.OrdinalIgnoreCase);
        return [.. _forms.Where(form => plain.Contains(form.Form, form.Comparison)).Select(static form => form.Name).Distinct(StringComparer.Ordinal)];
    }

    private void AddEncodings(string name, byte[] bytes)
    {
        AddForm(name, Convert.ToHexString(bytes), StringComparison.OrdinalIgnoreCase);
        // Base64 of something longer holds it at one of three shifts; only the characters that are its own alone are looked for.
        for (var shift = 0; shift < 3; shift++)
        {
            var encoded = Convert.ToBase64String([.. new byte[shift], .. bytes]).TrimEnd('=');
            var own = encoded[(shift == 0 ? 0 : shift + 1)..^((shift + bytes.Length) % 3 == 0 ? 0 : 1)];
            if (own.Length < 6) continue;
            AddForm(name, own, StringComparison.Ordinal);
            AddForm(name, own.Replace('+', '-').Replace('/', '_'), StringComparison.Ordinal);
        }
    }

    private void AddForm(string name, string form, StringComparison comparison) => _forms.Add((name, form, comparison));
}
