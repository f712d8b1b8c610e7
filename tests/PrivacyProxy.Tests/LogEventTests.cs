using System.Reflection;
using Microsoft.Extensions.Logging;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Tests;

/// <summary>An EventId names one event in the whole product, so that an alert on it cannot be set off by another.</summary>
public sealed class LogEventTests
{
    private static readonly (Assembly Assembly, int First)[] _ranges =
    [
        (Assembly.Load("PrivacyPass.AspNetCore"), 1000), (typeof(Requests.TunnelRequest).Assembly, 2000), (Assembly.Load("PrivacyRelay"), 3000),
        // The stores were the proxy's; what operators watch for keeps its number.
        (typeof(SpentToken).Assembly, 2000),
    ];

    private static IEnumerable<(string Name, int Id)> EventsOf(Assembly assembly) =>
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let message = method.GetCustomAttribute<LoggerMessageAttribute>()
        where message is not null
        select ($"{type.Name}.{method.Name}", message.EventId);

    [Fact]
    public void An_event_id_is_given_once_in_the_whole_product()
    {
        var events = _ranges.SelectMany(static range => EventsOf(range.Assembly)).ToList();
        Assert.True(events.Count > 50, "the events are not found any more");
        var twice = events.GroupBy(static one => one.Id).Where(static group => group.Count() > 1)
            .Select(static group => $"{group.Key}: {string.Join(", ", group.Select(static one => one.Name))}");
        Assert.Empty(twice);
    }

    [Fact]
    public void Each_project_has_a_thousand_of_its_own() =>
        Assert.Empty(_ranges.SelectMany(static range => EventsOf(range.Assembly).Where(one => one.Id / 1000 * 1000 != range.First)));
}
