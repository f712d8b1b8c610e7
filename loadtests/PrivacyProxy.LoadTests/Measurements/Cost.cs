namespace PrivacyProxy.LoadTests.Measurements;

/// <summary>What something cost this process.</summary>
/// <param name="Elapsed">Wall-clock time.</param>
/// <param name="Processor">CPU time of all its threads.</param>
/// <param name="AllocatedBytes">On the managed heap.</param>
internal readonly record struct Cost(TimeSpan Elapsed, TimeSpan Processor, long AllocatedBytes);
