using PrivacyPass;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary>One line of a storm's table.</summary>
/// <param name="Type">Token type.</param>
/// <param name="Order">When the store is asked.</param>
/// <param name="BadShare">Of the requests, how many were replays or forged.</param>
/// <param name="PerSecond">Requests decided per second.</param>
/// <param name="Good">Latencies of requests that were accepted.</param>
/// <param name="Bad">Latencies of requests that were refused.</param>
/// <param name="ProcessorMicroseconds">CPU time of the proxy per request.</param>
/// <param name="ServerMicroseconds">CPU time of memcached per request.</param>
/// <param name="AllocatedBytes">Per request.</param>
/// <param name="Wrong">Requests with another result than they should have: none, or it is broken.</param>
internal sealed record StormResult(TokenType Type, SpendOrder Order, double BadShare, double PerSecond, LatencySummary Good, LatencySummary Bad,
    double ProcessorMicroseconds, double ServerMicroseconds, double AllocatedBytes, long Wrong);
