using System.Globalization;
using PrivacyRelay;

namespace PrivacyProxy.Commands.Relay;

/// <summary>Tells the person at the terminal how the relay is, while it runs there: once a second where that has changed.</summary>
internal static class RelayStatus
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    /// <summary>Until it is cancelled; then the line is gone.</summary>
    public static async Task ShowAsync(RelayServer relay, StatusLine line, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_interval);
        try
        {
            do line.Show(Text(relay.State));
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // It stops.
        }
        finally
        {
            line.Clear();
        }
    }

    /// <summary>One line; the last refusal comes last, as it is the longest.</summary>
    public static string Text(RelayState state)
    {
        var text = $"{state.Tunnels} tunnels | {string.Join(" > ", state.Hops.Select(static hop => hop.Tokens is { } tokens ? $"{hop.Proxy} ({tokens} tokens)" : hop.Proxy))}";
        return state.LastRefusal is { } refusal ? $"{text} | {refusal.At.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {refusal.Reason}" : text;
    }
}
