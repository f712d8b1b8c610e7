using System.Globalization;
using System.Text;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Reports;

/// <summary>A chart as inline SVG; what a point is, its title says.</summary>
internal static class SvgChart
{
    private const int Width = 640;
    private const int Height = 300;
    private const int Left = 64;
    private const int Right = 12;
    private const int Top = 26;
    private const int Bottom = 44;
    private const int Colors = 8;
    private const int MostLabels = 12;

    public static string Render(Chart chart)
    {
        var svg = new StringBuilder();
        Append(svg, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{ReportPage.Text(chart.Title)}\">\n");
        var points = chart.Series.SelectMany(static series => series.Points).Where(static point => double.IsFinite(point.X) && double.IsFinite(point.Y)).ToList();
        if (points.Count == 0) return svg.Append("<text x=\"20\" y=\"40\">nothing was measured</text>\n</svg>\n").ToString();
        var top = NiceTop(Math.Max(0, points.Max(static point => point.Y)));
        var (from, to) = chart.Labels is { } labels ? (-0.5, labels.Count - 0.5) : (points.Min(static point => point.X), points.Max(static point => point.X));
        var scale = new Scale(from, to > from ? to : from + 1, top);
        Grid(svg, chart, scale);
        for (var i = 0; i < chart.Series.Count; i++)
        {
            if (chart.HasBars) Bars(svg, chart, scale, i);
            else Line(svg, chart, scale, i);
        }

        Legend(svg, chart);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Grid(StringBuilder svg, Chart chart, Scale scale)
    {
        for (var i = 0; i <= 4; i++)
        {
            var (value, y) = (scale.Top * i / 4, scale.Y(scale.Top * i / 4));
            Append(svg, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\" stroke=\"var(--line)\"/><text x=\"{Left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{Numbers.Short(value)}</text>\n");
        }

        Append(svg, $"<text x=\"{Left}\" y=\"14\">{ReportPage.Text(chart.Unit)}</text>\n");
        if (chart.Labels is { } labels)
        {
            var step = (labels.Count + MostLabels - 1) / MostLabels;
            for (var i = 0; i < labels.Count; i += step) Along(svg, scale.X(i), labels[i]);
            return;
        }

        for (var i = 0; i <= 5; i++) Along(svg, scale.X(scale.From + (scale.To - scale.From) * i / 5), $"{Numbers.Short(scale.From + (scale.To - scale.From) * i / 5)}{(i == 5 ? " " + chart.Along : "")}");
    }

    private static void Along(StringBuilder svg, double x, string text) =>
        Append(svg, $"<text x=\"{Math.Min(x, Width - Right - 3 * text.Length):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{ReportPage.Text(text)}</text>\n");

    private static void Line(StringBuilder svg, Chart chart, Scale scale, int index)
    {
        var series = chart.Series[index];
        var places = series.Points.Where(static point => double.IsFinite(point.Y)).Select(point => FormattableString.Invariant($"{scale.X(point.X):F1},{scale.Y(point.Y):F1}")).ToList();
        Append(svg, $"<polyline fill=\"none\" stroke=\"var(--c{index % Colors})\" stroke-width=\"2\" points=\"{string.Join(' ', places)}\"/>\n");
        foreach (var point in series.Points.Where(static point => double.IsFinite(point.Y)))
            Append(svg, $"<circle cx=\"{scale.X(point.X):F1}\" cy=\"{scale.Y(point.Y):F1}\" r=\"{(series.Points.Count > 60 ? 1.5 : 3)}\" fill=\"var(--c{index % Colors})\"><title>{Title(chart, series, point)}</title></circle>\n");
    }

    private static void Bars(StringBuilder svg, Chart chart, Scale scale, int index)
    {
        var (group, count) = ((scale.X(1) - scale.X(0)) * 0.8, chart.Series.Count);
        foreach (var point in chart.Series[index].Points.Where(static point => double.IsFinite(point.Y)))
        {
            var (x, y) = (scale.X(point.X) - group / 2 + group * index / count, scale.Y(point.Y));
            Append(svg, $"<rect x=\"{x:F1}\" y=\"{y:F1}\" width=\"{Math.Max(1, group / count - 1):F1}\" height=\"{Math.Max(0, Height - Bottom - y):F1}\" fill=\"var(--c{index % Colors})\"><title>{Title(chart, chart.Series[index], point)}</title></rect>\n");
        }
    }

    private static void Legend(StringBuilder svg, Chart chart)
    {
        if (chart.Series.Count < 2) return;
        var x = Left;
        for (var i = 0; i < chart.Series.Count; i++)
        {
            Append(svg, $"<rect x=\"{x}\" y=\"{Height - 16}\" width=\"10\" height=\"10\" fill=\"var(--c{i % Colors})\"/><text x=\"{x + 14}\" y=\"{Height - 7}\">{ReportPage.Text(chart.Series[i].Name)}</text>\n");
            x += 30 + 7 * chart.Series[i].Name.Length;
        }
    }

    private static string Title(Chart chart, ChartSeries series, ChartPoint point)
    {
        var at = chart.Labels is { } labels && point.X >= 0 && point.X < labels.Count ? labels[(int)point.X] : $"{Numbers.Short(point.X)} {chart.Along}".TrimEnd();
        return ReportPage.Text($"{series.Name}, {at}: {Numbers.Short(point.Y)} {chart.Unit}".TrimEnd());
    }

    /// <summary>1, 2, 2.5 or 5 with zeros, above all heights.</summary>
    private static double NiceTop(double most)
    {
        if (most <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return power * new[] { 1, 2, 2.5, 4, 5, 8, 10 }.First(step => step * power >= most * 0.9999999);
    }

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>From numbers to places.</summary>
    private readonly record struct Scale(double From, double To, double Top)
    {
        public double X(double value) => Left + (value - From) / (To - From) * (Width - Left - Right);

        public double Y(double value) => Height - Bottom - value / Top * (Height - Bottom - SvgChart.Top);
    }
}
