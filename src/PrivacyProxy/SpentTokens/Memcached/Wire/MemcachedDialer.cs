using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.SpentTokens.Memcached.Wire;

/// <summary>Opens the socket of a connection, and TLS on it where asked for.</summary>
internal static class MemcachedDialer
{
    public static async Task<MemcachedTransport> DialAsync(MemcachedEndpoint endpoint, MemcachedTls? tls, CancellationToken cancellationToken)
    {
        var socket = await ConnectAsync(await endpoint.ResolveAsync(cancellationToken), cancellationToken);
        try
        {
            return tls is null ? new SocketTransport(socket) : await AuthenticateAsync(socket, tls, endpoint.Host, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Socket> ConnectAsync(EndPoint[] addresses, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            if (i == addresses.Length) throw new SocketException((int)SocketError.HostNotFound);
            try
            {
                return await ConnectAsync(addresses[i], cancellationToken);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                // The next address may answer.
            }
        }
    }

    /// <summary>Not Socket.ConnectAsync: that registers the socket with .NET's epoll thread, which then wakes with every reply.</summary>
    private static async Task<Socket> ConnectAsync(EndPoint address, CancellationToken cancellationToken)
    {
        var unix = address.AddressFamily == AddressFamily.Unix;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (!unix) socket.NoDelay = true;
            using var abort = cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
            await Task.Factory.StartNew(() => socket.Connect(address), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancellationToken);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is not OperationCanceledException) cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static async Task<MemcachedTransport> AuthenticateAsync(Socket socket, MemcachedTls tls, string host, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(Options(tls, host), cancellationToken);
            return new TlsTransport(socket, stream);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Options(MemcachedTls tls, string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = tls.ServerName ?? host };
        if (tls.ClientCertificate is { } certificate) options.ClientCertificates = [certificate];
        if (tls.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }
}
