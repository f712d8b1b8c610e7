using System.Globalization;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Status and fields of a response.</summary>
internal sealed record HttpHead(int Status, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>The values of a field, in order.</summary>
    public IReadOnlyList<string> this[string name] =>
        [.. Fields.Where(field => string.Equals(field.Key, name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];

    /// <summary>The error of Proxy-Status (RFC 9209), null where there is none.</summary>
    public string? ProxyStatusError => ProxyStatusParameter("error");

    /// <summary>The details of Proxy-Status, null where there are none.</summary>
    public string? ProxyStatusDetails => ProxyStatusParameter("details")?.Trim('"');

    /// <summary>Reads one head, as HTTP/1.1 or curl writes it.</summary>
    public static HttpHead Parse(string text)
    {
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var parts = lines[0].Split(' ');
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/", StringComparison.Ordinal))
            throw new FormatException($"Not a status line: '{lines[0]}'");
        return new HttpHead(
            int.Parse(parts[1], CultureInfo.InvariantCulture),
            [.. lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1].Trim()))]);
    }

    /// <summary>Reads heads one after another, each ended by an empty line.</summary>
    public static IReadOnlyList<HttpHead> ParseAll(string text) =>
        [.. text.Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    private string? ProxyStatusParameter(string name) =>
        this["Proxy-Status"].SelectMany(value => value.Split(';', StringSplitOptions.TrimEntries))
            .FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
