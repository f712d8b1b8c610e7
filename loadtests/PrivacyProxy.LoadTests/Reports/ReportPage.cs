using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Reports;

/// <summary>A report as one HTML page that needs nothing else: no script, no font, no picture from anywhere.</summary>
internal static class ReportPage
{
    // Nothing is loaded, whatever a name in the report may hold.
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        """;

    private const string Style = """
        <style>
        :root { color-scheme: light dark; --ink: #1c2330; --soft: #667085; --line: #d9dee7; --ground: #ffffff; --good: #16794a; --bad: #b42318;
          --c0: #2563eb; --c1: #d9730d; --c2: #16994f; --c3: #9333ea; --c4: #dc2654; --c5: #0e8ea8; --c6: #8a6d0b; --c7: #64748b; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e7ebf2; --soft: #97a1b3; --line: #333c4b; --ground: #12161d; --good: #4ac684; --bad: #ff7a6b;
          --c0: #6ea3ff; --c1: #f5a04c; --c2: #4ccb83; --c3: #c191ff; --c4: #ff7d9c; --c5: #4fc6dd; --c6: #d9bd4d; --c7: #a3afc2; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } .soft { color: var(--soft); }
        table { border-collapse: collapse; } td, th { padding: .2rem 1.5rem .2rem 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; }
        td.number { text-align: right; font-variant-numeric: tabular-nums; } .met { color: var(--good); } .missed { color: var(--bad); font-weight: bold; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1.5rem; } figure { margin: 0; } figcaption { font-weight: 600; }
        svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
        </style>
        """;

    /// <param name="file">Null writes nothing.</param>
    /// <param name="report">What it shows.</param>
    public static async Task WriteAsync(FileInfo? file, Report report)
    {
        if (file is not null) await File.WriteAllTextAsync(file.FullName, Render(report));
    }

    public static string Render(Report report)
    {
        var page = new StringBuilder(Head).Append(CultureInfo.InvariantCulture, $"<title>{Text(report.Scenario)}, {report.Machine.Date:u}</title>\n").Append(Style).Append("</head>\n<body>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Text(report.Scenario)}</h1>\n<p class=\"soft\">{report.Machine.Date:u}, {Text(report.Machine.ToString())}, {Text(report.Machine.System)}, version {Text(report.Machine.Version)}</p>\n");
        if (report.WasStopped) page.Append("<p class=\"missed\">Stopped before its end: the figures are of what was measured so far.</p>\n");
        foreach (var note in report.Notes) page.Append(CultureInfo.InvariantCulture, $"<p>{Text(note)}</p>\n");
        if (report.Limits.Count > 0)
            Table(page, "Limits", report.Limits.Select(static limit => (limit.Flag, limit.ToString()[(limit.Flag.Length + 1)..], limit.IsMet ? "met" : "missed")));
        Table(page, "Figures", report.Figures.Select(static figure => (figure.Name, $"{Numbers.Short(figure.Value)} {figure.Unit}".TrimEnd(), "number")));
        if (report.Charts.Count > 0)
        {
            page.Append("<h2>Charts</h2>\n<div class=\"charts\">\n");
            foreach (var chart in report.Charts) page.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{Text(chart.Title)}</figcaption>\n{SvgChart.Render(chart)}</figure>\n");
            page.Append("</div>\n");
        }

        if (report.Settings.ValueKind == JsonValueKind.Object)
            Table(page, "Settings", report.Settings.EnumerateObject().Where(static setting => setting.Value.ValueKind != JsonValueKind.Null).Select(static setting => (setting.Name, setting.Value.ToString(), "number")));
        return page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>For an element or an attribute in quotes.</summary>
    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    private static void Table(StringBuilder page, string title, IEnumerable<(string Name, string Value, string Style)> rows)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2>\n<table>\n");
        foreach (var (name, value, style) in rows) page.Append(CultureInfo.InvariantCulture, $"<tr><th>{Text(name)}</th><td class=\"{style}\">{Text(value)}</td></tr>\n");
        page.Append("</table>\n");
    }
}
