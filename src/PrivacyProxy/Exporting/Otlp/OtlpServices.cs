using System.Runtime.CompilerServices;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>Registers the export to a collector, where <c>Telemetry:Otlp:Endpoint</c> names one; without, the SDK is not even loaded.</summary>
internal static class OtlpServices
{
    private const string EndpointKey = $"PrivacyProxy:Telemetry:Otlp:{nameof(OtlpOptions.Endpoint)}";

    /// <summary>To be called when the configuration has all its sources. Reads only whether there is an endpoint; the rest, checked, when the host starts.</summary>
    public static void AddOtlp(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[EndpointKey])) return;
        IgnoreVariables(builder.Configuration);
        AddPipeline(builder.Services);
    }

    /// <summary>A method of its own: the SDK is loaded when it is compiled.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddPipeline(IServiceCollection services)
    {
        services.AddSingleton<OtlpPipeline>();
        // Its providers are made before all other hosted services start: no request is missed.
        services.AddOpenTelemetry()
            .WithMetrics(static metrics => ((IDeferredMeterProviderBuilder)metrics).Configure(static (services, built) => services.GetRequiredService<OtlpPipeline>().Configure(built)))
            .WithTracing(static traces => ((IDeferredTracerProviderBuilder)traces).Configure(static (services, built) => services.GetRequiredService<OtlpPipeline>().Configure(built)));
        services.AddHostedService<OtlpExport>();
    }

    /// <summary>
    /// The SDK reads OTEL_* variables in many places (limits, samplers, OTEL_SDK_DISABLED for traces alone), of the environment and of the
    /// host's configuration, beside or over what it is told. What this proxy sends says its own section, so they go before the SDK is loaded.
    /// </summary>
    private static void IgnoreVariables(ConfigurationManager configuration)
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsOfSdk)) Environment.SetEnvironmentVariable(name, null);
        foreach (var name in configuration.GetChildren().Select(static section => section.Key).Where(IsOfSdk).ToArray()) configuration[name] = null;
    }

    private static bool IsOfSdk(string name) => name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase);
}
