using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Commands.Top.Figures;
using PrivacyProxy.Commands.Top.Screen;
using PrivacyProxy.Commands.Top.Watching;
using Spectre.Console;

namespace PrivacyProxy.Testing.Top;

/// <summary>What was recorded from a real proxy with three memcached servers, one of which was killed between the two scrapes.</summary>
internal static class RecordedProxy
{
    public static readonly DateTimeOffset Clock = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static Readiness Ready { get; } = new(true, []);

    public static string Earlier => Read("earlier.txt");

    public static string Later => Read("later.txt");

    /// <summary>The frame of both at 80 columns.</summary>
    public static string ExpectedFrame => Read("frame.txt");

    /// <summary>The state after scrapes a second apart.</summary>
    public static TopState State(params string[] scrapes)
    {
        var state = new TopState("http://127.0.0.1:9090");
        for (var i = 0; i < scrapes.Length; i++) state.Seen(Scrape(scrapes[i], TimeSpan.FromSeconds(i), Ready));
        return state;
    }

    public static Scrape Scrape(string text, TimeSpan at, Readiness readiness) => new(new MetricsSnapshot(PrometheusTextReader.Read(text)), readiness, at, Clock + at);

    /// <summary>The frame of a state at the moment it was seen, or later.</summary>
    public static string Frame(TopState state, int width = 80, int? height = null, TimeSpan later = default)
    {
        using var output = new StringWriter();
        Write(output, state, width, height, later, AnsiSupport.No, ColorSystemSupport.NoColors, isLive: false);
        return output.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The same with control codes.</summary>
    public static string LiveFrame(TopState state, ColorSystemSupport colors, int width = 80, int height = 24)
    {
        using var output = new StringWriter();
        Write(output, state, width, height, TimeSpan.Zero, AnsiSupport.Yes, colors, isLive: true);
        return output.ToString();
    }

    private static void Write(StringWriter output, TopState state, int width, int? height, TimeSpan later, AnsiSupport ansi, ColorSystemSupport colors, bool isLive)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = ansi, ColorSystem = colors, Interactive = InteractionSupport.No, Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false } });
        console.Profile.Width = width;
        console.Write(new Frame(TopLayout.Lines(state, state.SeenAt + later, width, height, isUnicode: true, isLive), overwrite: isLive));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Top", "Recorded", file));
}
