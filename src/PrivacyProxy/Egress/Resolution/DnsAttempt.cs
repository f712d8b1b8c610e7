using System.Net;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>One query on its way to one server.</summary>
internal sealed class DnsAttempt
{
    private readonly TaskCompletionSource _oddity = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DnsAttempt(IPEndPoint server, byte[] query, bool exactCase, CancellationToken cancellationToken)
    {
        Server = server;
        Response = DnsExchange.AskAsync(server, query, exactCase, () => _oddity.TrySetResult(), cancellationToken).AsTask();
    }

    public IPEndPoint Server { get; }

    /// <summary>What the server answered; null when it cannot be reached or hung up.</summary>
    public Task<DnsResponse?> Response { get; }

    /// <summary>Ends when something came that is no answer to the query: from a server that cannot do better, or from somebody else.</summary>
    public Task Oddity => _oddity.Task;

    /// <summary>Whether its time was over before it answered.</summary>
    public bool IsLate { get; set; }
}
