using System.Globalization;
using System.Net;
using PrivacyProxy.Configuration;
using Tunneling.Native;

namespace PrivacyProxy.Listeners.Inherited;

/// <summary>
/// Listening sockets that a service manager has opened and hands over (socket activation, sd_listen_fds(3)): each stands in for the
/// listening on the same address. They stay open when this process ends, so what connects meanwhile waits for the next one.
/// </summary>
internal sealed class InheritedSockets
{
    public const string ProcessVariable = "LISTEN_PID";
    public const string CountVariable = "LISTEN_FDS";

    /// <summary>What goes by descriptors above standard error.</summary>
    private const int First = 3;

    private const int Most = 1024;

    private readonly List<InheritedSocket> _sockets = [];

    /// <param name="environment">The variables: sockets are handed over to the process they name alone.</param>
    /// <param name="processId">This process.</param>
    /// <exception cref="InvalidConfigurationException">What is handed over cannot be listened on.</exception>
    public InheritedSockets(Func<string, string?> environment, int processId)
    {
        if (!OperatingSystem.IsLinux() || environment(CountVariable) is not { Length: > 0 } count) return;
        if (!int.TryParse(environment(ProcessVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var named) || named != processId) return;
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > Most)
            throw new InvalidConfigurationException($"${CountVariable}", count, "the number of sockets that are handed over");
        for (var descriptor = First; descriptor < First + number; descriptor++)
        {
            var error = Sockets.IsListening(descriptor, out var isListening, out var address);
            if (error != 0 || !isListening || address.ToEndPoint() is not { } endPoint)
                throw new InvalidConfigurationException($"${CountVariable}", count, $"TCP sockets that listen (descriptor {descriptor} is none; HTTP/3 opens its own)");
            _sockets.Add(new InheritedSocket(descriptor, endPoint));
        }
    }

    /// <summary>Those of this process.</summary>
    public static InheritedSockets OfProcess() => new(Environment.GetEnvironmentVariable, Environment.ProcessId);

    /// <summary>The socket for an address that is listened on; null where there is none. <c>*</c> is all addresses of either family.</summary>
    public InheritedSocket? Find(IPEndPoint endPoint) =>
        _sockets.Find(socket => socket.EndPoint.Equals(endPoint))
        ?? _sockets.Find(socket => endPoint.Address.Equals(IPAddress.IPv6Any) && socket.EndPoint.Equals(new IPEndPoint(IPAddress.Any, endPoint.Port)));

    /// <summary>Nobody would take what connects to a socket that no address asks for.</summary>
    /// <exception cref="InvalidConfigurationException">There is one.</exception>
    public void AllAreAskedFor(string key, IReadOnlyCollection<ListenUrl> urls)
    {
        var asked = urls.Select(url => Find(url.EndPoint)).ToHashSet();
        if (_sockets.Find(socket => !asked.Contains(socket)) is { } idle)
            throw new InvalidConfigurationException(key, string.Join(';', urls), $"a URL for each socket that the service manager hands over, also for {idle.EndPoint}");
    }
}

/// <summary>A listening socket of another process's making.</summary>
/// <param name="Descriptor">Its number.</param>
/// <param name="EndPoint">Where it listens.</param>
internal sealed record InheritedSocket(int Descriptor, IPEndPoint EndPoint);
