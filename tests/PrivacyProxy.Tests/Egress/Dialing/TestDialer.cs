using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Egress.Dialing;

/// <summary>Attempts that end as the test wants: with a socket, an error, or not before they are cancelled.</summary>
internal sealed class TestDialer : IDialer
{
    private readonly ConcurrentDictionary<IPAddress, TaskCompletionSource<DialResult>> _attempts = new();

    /// <summary>What was dialled, in order.</summary>
    public ConcurrentQueue<IPAddress> Dialled { get; } = new();

    /// <summary>Attempts go on when cancelled, as one does that connects in that very moment.</summary>
    public bool IgnoresCancellation { get; set; }

    /// <summary>Lets the attempt at an address connect, now or when it is made; returns its socket.</summary>
    public Socket Connects(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Attempt(IPAddress.Parse(address)).TrySetResult(new DialResult(socket, ProxyStatusError.None));
        return socket;
    }

    public void Fails(string address, ProxyStatusError error) => Attempt(IPAddress.Parse(address)).TrySetResult(new DialResult(null, error));

    public async Task<DialResult> DialAsync(IPEndPoint destination, IPAddress? source, CancellationToken cancellationToken)
    {
        Dialled.Enqueue(destination.Address);
        try
        {
            return await Attempt(destination.Address).Task.WaitAsync(IgnoresCancellation ? CancellationToken.None : cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return new DialResult(null, ProxyStatusError.ConnectionTimeout);
        }
    }

    private TaskCompletionSource<DialResult> Attempt(IPAddress address) =>
        _attempts.GetOrAdd(address, _ => new TaskCompletionSource<DialResult>(TaskCreationOptions.RunContinuationsAsynchronously));
}
