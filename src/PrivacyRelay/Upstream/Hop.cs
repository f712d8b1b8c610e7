using System.Net.Sockets;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>One proxy on the way: asks it for tunnels and pays each.</summary>
/// <param name="protocol">How it is asked; disposed with the hop.</param>
/// <param name="credentials">How it is paid; disposed with the hop.</param>
/// <param name="name">The proxy in messages to local programs.</param>
/// <param name="place">Hears where it says that the relay is; null where nobody wants to know.</param>
internal sealed class Hop(IHopProtocol protocol, IHopCredentials credentials, string name, ToldPlace? place = null) : IAsyncDisposable
{
    /// <summary>One refusal of a credential may be a rotated key; a second one is an answer.</summary>
    private const int MaxRefusals = 2;

    /// <summary>A tunnel from this proxy to a destination; the caller disposes it.</summary>
    /// <inheritdoc cref="IHopProtocol.AskAsync" path="/exception"/>
    public async ValueTask<DuplexStream> OpenAsync(TunnelKind kind, Destination destination, CancellationToken cancellationToken)
    {
        var budget = new RetryBudget(MaxRefusals);
        while (true)
        {
            if (await TryOpenAsync(kind, destination, budget, cancellationToken) is { } tunnel) return tunnel;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await protocol.DisposeAsync();
        await credentials.DisposeAsync();
    }

    /// <summary>Null when it is worth another try.</summary>
    private async ValueTask<DuplexStream?> TryOpenAsync(TunnelKind kind, Destination destination, RetryBudget budget, CancellationToken cancellationToken)
    {
        using var authorization = await credentials.AuthorizeAsync(cancellationToken);
        HopAnswer? asked;
        try
        {
            asked = await protocol.AskAsync(kind, destination, authorization, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException && authorization.WasSent && budget.SpendLoss())
        {
            return null;
        }

        if (asked is not { } answer)
            return budget.SpendWay() ? null : throw new TunnelException(TunnelError.ProxyFailed, $"{name} cannot be asked for a tunnel in any way.");
        var response = answer.Response;
        if (answer.Tunnel is { } tunnel)
        {
            credentials.Accepted(authorization);
            place?.Hear(response);
            return tunnel;
        }

        if (response.Status is not 407 && response.Challenges.Count == 0)
        {
            // Whatever it refused, it was not the credentials.
            if (response.Status is not (401 or 403)) credentials.Accepted(authorization);
            throw response.ToException(name);
        }

        if (!credentials.Refused(authorization, response)) throw response.ToException(name);
        if (budget.Spend(learning: authorization.Field is null)) return null;
        credentials.GiveUp();
        throw response.ToException(name);
    }
}
