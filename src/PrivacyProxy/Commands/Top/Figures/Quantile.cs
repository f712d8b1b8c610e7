namespace PrivacyProxy.Commands.Top.Figures;

/// <summary>A quantile read from a histogram.</summary>
/// <param name="Value">In the histogram's unit.</param>
/// <param name="IsBeyond">True when it lies above the last finite bound, which <paramref name="Value"/> then is.</param>
internal readonly record struct Quantile(double Value, bool IsBeyond);
