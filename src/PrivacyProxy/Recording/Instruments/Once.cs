using System.Diagnostics.Metrics;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>A single value, as the observation of an instrument without labels.</summary>
internal static class Once
{
    public static Func<IEnumerable<Measurement<T>>> Of<T>(Func<T> read) where T : struct => () => [new Measurement<T>(read())];
}
