namespace Tunneling.Http2;

/// <summary>Points for what carries nothing: see <see cref="AbuseBudget"/> for what costs how many.</summary>
/// <param name="Points">At most, and at first.</param>
/// <param name="PointsPerSecond">What comes back with time.</param>
internal readonly record struct AbuseAllowance(int Points, int PointsPerSecond);
