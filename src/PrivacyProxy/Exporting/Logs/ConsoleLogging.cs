using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Exporting.Logs;

/// <summary>Where log lines go, what they look like and which there are.</summary>
internal static class ConsoleLogging
{
    private const string FormatKey = $"{LogsOptions.Section}:{nameof(LogsOptions.Format)}";

    /// <summary>Logs to standard error, as standard output holds the ready line alone; levels come from the section Logging.</summary>
    public static void AddConsoleLogging(this WebApplicationBuilder builder)
    {
        Check(builder.Configuration);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("System", LogLevel.Warning);
        // Why the start failed is told in one line, not by a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // It warns that cleartext means HTTP/1.1 alone, which is not so here; HTTP/2 with prior knowledge is served.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        // Of a connection that was closed it says for each stream, as critical, that its queue is full.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Http2", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, FrameworkLogLevels>();
        builder.Logging.AddConsole();
        var format = Format(builder.Configuration);
        builder.Services.PostConfigure<ConsoleLoggerOptions>(console =>
        {
            console.FormatterName = format == LogFormat.Json ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            // A reader that stopped reading must not stop tunnels: lines are dropped, and how many is said.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        builder.Services.PostConfigure<SimpleConsoleFormatterOptions>(static console =>
        {
            console.SingleLine = true;
            // ASP.NET Core's scopes hold paths and connections.
            console.IncludeScopes = false;
        });
        builder.Services.PostConfigure<JsonConsoleFormatterOptions>(static console =>
        {
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            console.UseUtcTimestamp = true;
            console.IncludeScopes = false;
        });
    }

    /// <summary>.NET reads the section Logging, by rules of its own and when the first logger is made: it is asked before.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot use the section.</exception>
    public static void Check(IConfiguration configuration)
    {
        try
        {
            using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddConsole());
            loggers.CreateLogger(nameof(Check));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or System.Reflection.TargetInvocationException)
        {
            throw new InvalidConfigurationException("Logging", null, $"what .NET's logging can use ({exception.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
    }

    /// <summary>Read by hand: the options need a logger to tell of their own changes. A value that is no format is refused by them.</summary>
    private static LogFormat Format(ConfigurationManager configuration) =>
        Enum.TryParse<LogFormat>(configuration[FormatKey], ignoreCase: true, out var format) ? format : LogFormat.Console;
}
